package main

import (
	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"taskport/store"
)

// newEraseCommand removes a person's data.
func newEraseCommand(env *environment) *cobra.Command {
	var f keyFlags
	var contact, email string
	var dryRun, asJSON bool
	cmd := &cobra.Command{Use: "erase", Short: "Erase a person from a workspace, directly in the database",
		Long: `Erase a person from a workspace, directly in the database, and list where the person was.

The contact loses its names, addresses and aliases, and a user with the same address is deleted; rejected rows about
them become empty; and the email address and the full name are replaced in every other text: tasks, also those that
wait, corrections, candidates, mappings, the audit, events and saved answers. Tasks stay linked to the contact.
A name that is not certain, because others have it, stays in texts; notes say so.`,
		Example: "  taskport erase --workspace Sales --email ann@example.com --dry-run\n" +
			"  taskport erase --workspace Sales --contact 01a20d76-3bae-7a3b-96c4-bd885d4d3af3",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			who := store.Person{Email: email}
			if (contact == "") == (email == "") {
				return misusef("name the person by --email or by --contact")
			}
			if contact != "" {
				id, err := uuid.Parse(contact)
				if err != nil {
					return misusef("--contact takes the id of a contact, not %q", contact)
				}
				who.ContactID = id
			}
			return f.inWorkspace(cmd.Context(), env, func(s *store.Store, w store.Workspace) error {
				found, err := s.Erase(cmd.Context(), w.ID, who, dryRun)
				if err != nil {
					return explain(err, "person", contact+email)
				}
				return printErasure(env, found, dryRun, asJSON)
			})
		}}
	f.add(cmd, env)
	cmd.Flags().StringVar(&email, "email", "", "email address of the person")
	cmd.Flags().StringVar(&contact, "contact", "", "id of the contact")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only list what would be erased")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printErasure(env *environment, e store.Erasure, dryRun, asJSON bool) error {
	if asJSON {
		return writeJSON(env.out, e)
	}
	for _, left := range e.Left {
		env.note("left: %s", left)
	}
	if dryRun {
		env.note("nothing was erased; without --dry-run these rows will be")
	}
	rows := [][]string{{"TABLE", "ROWS"}}
	for _, p := range e.Places {
		rows = append(rows, []string{p.Table, grouped(p.Rows)})
	}
	return writeTable(env.out, rows)
}
