package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"taskport/store"
)

func newKeyCommand(env *environment) *cobra.Command {
	cmd := &cobra.Command{Use: "key COMMAND", Short: "Create, list and revoke API keys, directly in the database",
		Example: "  taskport key create --workspace Sales --permission activities:write\n" +
			"  taskport key list --workspace Sales"}
	cmd.AddCommand(newKeyCreateCommand(env), newKeyListCommand(env), newKeyRevokeCommand(env))
	return cmd
}

// keyFlags name the workspace of a key.
type keyFlags struct {
	services  services
	workspace string
}

func (f *keyFlags) add(cmd *cobra.Command, env *environment) {
	adminFlags(cmd, env, &f.services)
	env.stringFlag(cmd, &f.workspace, "workspace", "TASKPORT_WORKSPACE", "", "name or id of the workspace")
}

// inWorkspace runs a command on the workspace that the flags name.
func (f *keyFlags) inWorkspace(ctx context.Context, env *environment, do func(*store.Store,
	store.Workspace) error) error {
	if f.workspace == "" {
		return misusef("--workspace is required: the name or id of a workspace; `taskport workspace list` shows them")
	}
	return withStore(ctx, env, f.services, func(s *store.Store) error {
		w, err := s.FindWorkspace(ctx, f.workspace)
		if err != nil {
			return explain(err, "workspace", f.workspace)
		}
		return do(s, w)
	})
}

func newKeyCreateCommand(env *environment) *cobra.Command {
	var f keyFlags
	var name string
	var permissions []string
	var expires time.Duration
	cmd := &cobra.Command{Use: "create", Short: "Create a key and print it; it cannot be shown later",
		Long:    "Create a key of a workspace and print it; it cannot be shown later. Standard error says in which database.",
		Example: "  taskport key create --workspace Sales --name nightly --permission activities:write",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(permissions) == 0 {
				return misusef("--permission is required, once for each of %v", store.Permissions())
			}
			n := store.NewKey{Name: name}
			for _, p := range permissions {
				if err := among("--permission", p, texts(store.Permissions())); err != nil {
					return misuse(err)
				}
				n.Permissions = append(n.Permissions, store.Permission(p))
			}
			if expires != 0 {
				at := now().Add(expires)
				n.ExpiresAt = &at
			}
			return f.inWorkspace(cmd.Context(), env, func(s *store.Store, w store.Workspace) error {
				n.WorkspaceID = w.ID
				_, secret, err := s.CreateKey(cmd.Context(), n, now())
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(env.out, secret)
				return err
			})
		}}
	f.add(cmd, env)
	cmd.Flags().StringVar(&name, "name", "", "what the key is for")
	cmd.Flags().StringSliceVar(&permissions, "permission", nil,
		"a permission of the key, repeated: "+choices(texts(store.Permissions())))
	cmd.Flags().DurationVar(&expires, "expires-in", 0, "how long the key is valid, for instance 720h; 0 for ever")
	return cmd
}

func newKeyListCommand(env *environment) *cobra.Command {
	var f keyFlags
	var asJSON bool
	cmd := &cobra.Command{Use: "list", Short: "List the keys of a workspace",
		Example: "  taskport key list --workspace Sales", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.inWorkspace(cmd.Context(), env, func(s *store.Store, w store.Workspace) error {
				keys, err := s.Keys(cmd.Context(), w.ID)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(env.out, keys)
				}
				rows := [][]string{{"ID", "KEY", "NAME", "STATE", "PERMISSIONS"}}
				for _, k := range keys {
					rows = append(rows, []string{k.ID.String(), k.Hint + "…", k.Name, keyState(k),
						strings.Trim(fmt.Sprint(k.Permissions), "[]")})
				}
				return writeTable(env.out, rows)
			})
		}}
	f.add(cmd, env)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func keyState(k store.Key) string {
	switch {
	case k.RevokedAt != nil:
		return "revoked " + k.RevokedAt.Format(time.DateOnly)
	case !k.Live(now()):
		return "expired " + k.ExpiresAt.Format(time.DateOnly)
	case k.ExpiresAt != nil:
		return "until " + k.ExpiresAt.Format(time.DateOnly)
	}
	return "live"
}

func newKeyRevokeCommand(env *environment) *cobra.Command {
	var f keyFlags
	cmd := &cobra.Command{Use: "revoke ID", Short: "Revoke a key for good",
		Example: "  taskport key revoke 0198c0de-0000-7000-8000-000000000001 --workspace Sales", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := uuid.Parse(args[0])
			if err != nil {
				return misusef("%q is not the id of a key; `taskport key list` shows them", args[0])
			}
			return f.inWorkspace(cmd.Context(), env, func(s *store.Store, w store.Workspace) error {
				if err := s.RevokeKey(cmd.Context(), w.ID, id, now()); err != nil {
					return explain(err, "key", args[0])
				}
				env.note("key %s is revoked", id)
				return nil
			})
		}}
	f.add(cmd, env)
	return cmd
}
