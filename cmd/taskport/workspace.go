package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"taskport/importer"
	"taskport/store"
)

func newWorkspaceCommand(env *environment) *cobra.Command {
	cmd := &cobra.Command{Use: "workspace COMMAND", Short: "Create, list and set workspaces, directly in the database",
		Example: "  taskport workspace create Sales\n  taskport workspace list"}
	cmd.AddCommand(newWorkspaceCreateCommand(env), newWorkspaceListCommand(env), newWorkspaceSetCommand(env))
	return cmd
}

func newWorkspaceCreateCommand(env *environment) *cobra.Command {
	var s services
	cmd := &cobra.Command{Use: "create NAME", Short: "Create a workspace and print its id",
		Long:    "Create a workspace and print its id. Standard error says in which database.",
		Example: "  taskport workspace create Sales", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := strings.TrimSpace(args[0])
			if name == "" {
				return misusef("the name of a workspace must not be blank")
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
	cmd := &cobra.Command{Use: "list", Short: "List the workspaces",
		Example: "  taskport workspace list\n  taskport workspace list --json", Args: cobra.NoArgs,
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

// settingFlags are the flags of a workspace's settings, and the value that each sets.
var settingFlags = []struct {
	name, usage string
	of          func(*importer.Settings) *float64
}{
	{"contact-threshold", "least score of a contact, .80 to 1",
		func(s *importer.Settings) *float64 { return &s.Contacts.Threshold }},
	{"contact-margin", "distance from the best contact within which others are candidates, up to .20",
		func(s *importer.Settings) *float64 { return &s.Contacts.Margin }},
	{"contact-certainty", "how many times likelier the contact must be than a namesake, 1 or more",
		func(s *importer.Settings) *float64 { return &s.Contacts.Certainty }},
	{"company-threshold", "least score of a company, .80 to 1",
		func(s *importer.Settings) *float64 { return &s.Companies.Threshold }},
	{"company-margin", "distance from the best company within which others are candidates, up to .20",
		func(s *importer.Settings) *float64 { return &s.Companies.Margin }},
	{"company-certainty", "how many times likelier the company must be than a namesake, 1 or more",
		func(s *importer.Settings) *float64 { return &s.Companies.Certainty }},
}

// newWorkspaceSetCommand changes how the names of a workspace are resolved.
func newWorkspaceSetCommand(env *environment) *cobra.Command {
	var s services
	cmd := &cobra.Command{Use: "set NAME",
		Short: "Set how names of a workspace are resolved, and print the settings",
		Long: "Set how names of a workspace are resolved, and print the settings. NAME is its name or id.\n\n" +
			"A flag that is not used leaves its setting; 0 restores the default. `taskport evaluate` and\n" +
			"`taskport check --what-if` show the effect of a value.",
		Example: "  taskport workspace set Sales --contact-threshold 0.95 --nicknames=false",
		Args:    cobra.ExactArgs(1),
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
	cmd.Flags().Bool("nicknames", true, "match Bob with Robert")
	adminFlags(cmd, env, &s)
	return cmd
}

// changeSettings applies the flags that were used.
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
	return misuse(into.Validate())
}
