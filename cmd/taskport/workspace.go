package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"taskport/store"
)

func newWorkspaceCommand(env *environment) *cobra.Command {
	cmd := &cobra.Command{Use: "workspace", Short: "Create and list workspaces, straight on the database"}
	cmd.AddCommand(newWorkspaceCreateCommand(env), newWorkspaceListCommand(env))
	return cmd
}

func newWorkspaceCreateCommand(env *environment) *cobra.Command {
	var s services
	cmd := &cobra.Command{Use: "create NAME", Short: "Create a workspace; prints its id", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := strings.TrimSpace(args[0])
			if name == "" {
				return errors.New("the name of a workspace must not be blank")
			}
			return withStore(cmd.Context(), env, s, func(st *store.Store) error {
				w, err := st.CreateWorkspace(cmd.Context(), name, now())
				if err != nil {
					return explain(err, "workspace", name)
				}
				_, err = fmt.Fprintln(env.out, w.ID)
				return err
			})
		}}
	adminFlags(cmd, env, &s)
	return cmd
}

func newWorkspaceListCommand(env *environment) *cobra.Command {
	var s services
	var asJSON bool
	cmd := &cobra.Command{Use: "list", Short: "List the workspaces", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStore(cmd.Context(), env, s, func(st *store.Store) error {
				all, err := st.Workspaces(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(env.out, all)
				}
				rows := [][]string{{"ID", "NAME", "CREATED"}}
				for _, w := range all {
					rows = append(rows, []string{w.ID.String(), w.Name, w.CreatedAt.Format(time.RFC3339)})
				}
				return writeTable(env.out, rows)
			})
		}}
	adminFlags(cmd, env, &s)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
