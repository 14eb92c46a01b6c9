package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"taskport/importer"
	"taskport/store"
)

func newWorkspaceCommand(env *environment) *cobra.Command {
	cmd := &cobra.Command{Use: "workspace", Short: "Create, list and set workspaces, straight on the database"}
	cmd.AddCommand(newWorkspaceCreateCommand(env), newWorkspaceListCommand(env), newWorkspaceSetCommand(env))
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

// settingFlags are the flags of a workspace's settings, and where each value stands.
var settingFlags = []struct {
	name, usage string
	of          func(*importer.Settings) *float64
}{
	{"contact-threshold", "the score that the best contact must reach, .80 to 1",
		func(s *importer.Settings) *float64 { return &s.Contacts.Threshold }},
	{"contact-margin", "how near to the best contact a second one is looked at, up to .20",
		func(s *importer.Settings) *float64 { return &s.Contacts.Margin }},
	{"contact-certainty", "how many times likelier the contact must be than a namesake, 1 or more",
		func(s *importer.Settings) *float64 { return &s.Contacts.Certainty }},
	{"company-threshold", "the score that the best company must reach, .80 to 1",
		func(s *importer.Settings) *float64 { return &s.Companies.Threshold }},
	{"company-margin", "how near to the best company a second one is looked at, up to .20",
		func(s *importer.Settings) *float64 { return &s.Companies.Margin }},
	{"company-certainty", "how many times likelier the company must be than a namesake, 1 or more",
		func(s *importer.Settings) *float64 { return &s.Companies.Certainty }},
}

// newWorkspaceSetCommand changes how the names of a workspace are resolved.
func newWorkspaceSetCommand(env *environment) *cobra.Command {
	var s services
	cmd := &cobra.Command{Use: "set NAME",
		Short: "Set how sure the resolution of a workspace's names must be; prints the settings",
		Long: "Set how sure the resolution of a workspace's names must be. NAME is the name or the id of the workspace.\n\n" +
			"What is not given stays as it is; 0 returns to the default. `taskport evaluate` and `taskport check " +
			"--what-if` show what a value would do.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd.Context(), env, s, func(st *store.Store) error {
				w, err := st.FindWorkspace(cmd.Context(), args[0])
				if err != nil {
					return explain(err, "workspace", args[0])
				}
				if err := changeSettings(cmd, &w.Settings); err != nil {
					return err
				}
				if err := st.ChangeSettings(cmd.Context(), w.ID, w.Settings); err != nil {
					return err
				}
				return writeJSON(env.out, w.Settings)
			})
		}}
	for _, f := range settingFlags {
		cmd.Flags().Float64(f.name, 0, f.usage)
	}
	cmd.Flags().Bool("nicknames", true, "take Bob for Robert")
	adminFlags(cmd, env, &s)
	return cmd
}

// changeSettings takes over the settings that were given.
func changeSettings(cmd *cobra.Command, into *importer.Settings) error {
	for _, f := range settingFlags {
		if !cmd.Flags().Changed(f.name) {
			continue
		}
		value, err := cmd.Flags().GetFloat64(f.name)
		if err != nil {
			return err
		}
		*f.of(into) = value
	}
	if cmd.Flags().Changed("nicknames") {
		nicknames, err := cmd.Flags().GetBool("nicknames")
		if err != nil {
			return err
		}
		into.NoNicknames = !nicknames
	}
	return into.Validate()
}
