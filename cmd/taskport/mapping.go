package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"taskport/importer"
)

func newMappingCommand(env *environment) *cobra.Command {
	cmd := &cobra.Command{Use: "mapping COMMAND", Short: "Save, list, show and delete the mappings of a workspace",
		Example: "  taskport mapping save nightly --preset hubspot --date-order dmy\n" +
			"  taskport import export.csv --mapping-name nightly"}
	cmd.AddCommand(newMappingSaveCommand(env), newMappingListCommand(env), newMappingShowCommand(env),
		newMappingDeleteCommand(env))
	return cmd
}

func newMappingSaveCommand(env *environment) *cobra.Command {
	var flags clientFlags
	var mapping mappingFlags
	var kind string
	cmd := &cobra.Command{Use: "save NAME",
		Short: "Save the mapping of the flags and --map-file under a name, for `import --mapping-name NAME`",
		Example: "  taskport mapping save nightly --preset hubspot --date-order dmy\n" +
			"  taskport import export.csv --mapping-name nightly",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := mapping.read(importer.Kind(kind))
			if err != nil {
				return err
			}
			c, err := flags.client(env)
			if err != nil {
				return err
			}
			body, err := json.Marshal(importer.SavedMapping{Kind: importer.Kind(kind), Mapping: r})
			if err != nil {
				return fmt.Errorf("encode the mapping: %w", err)
			}
			resp, err := c.do(cmd.Context(), call{method: http.MethodPut, path: mappingPath(args[0]),
				header: map[string]string{"Content-Type": "application/json"},
				body:   func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }})
			if err != nil {
				return err
			}
			_, err = readBody(resp)
			return err
		}}
	flags.add(cmd, env)
	mapping.add(cmd)
	cmd.Flags().StringVar(&kind, "kind", "tasks", "what the rows are: tasks, contacts, companies, deals, events or users")
	return cmd
}

func mappingPath(name string) string { return "/v1/import/mappings/" + url.PathEscape(name) }

func newMappingListCommand(env *environment) *cobra.Command {
	var flags clientFlags
	var asJSON bool
	cmd := &cobra.Command{Use: "list", Short: "List the saved mappings",
		Example: "  taskport mapping list", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := flags.client(env)
			if err != nil {
				return err
			}
			raw, err := c.get(cmd.Context(), "/v1/import/mappings", url.Values{"per_page": {"100"}})
			if err != nil {
				return err
			}
			if asJSON {
				_, err := env.out.Write(raw)
				return err
			}
			return printMappings(env, raw)
		}}
	flags.add(cmd, env)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer of the API")
	return cmd
}

func printMappings(env *environment, raw json.RawMessage) error {
	var answer struct {
		Data []struct {
			Name      string `json:"name"`
			Kind      string `json:"kind"`
			Header    string `json:"header"`
			UpdatedAt string `json:"updated_at"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("the answer is not a list of mappings; check --server: %w", err)
	}
	t := tabwriter.NewWriter(env.out, 0, 0, 2, ' ', 0)
	for _, m := range answer.Data {
		fmt.Fprintf(t, "%s\t%s\t%s\n", oneLine(m.Name), m.Kind, m.UpdatedAt)
	}
	return t.Flush()
}

func newMappingShowCommand(env *environment) *cobra.Command {
	var flags clientFlags
	cmd := &cobra.Command{Use: "show NAME", Short: "Print a saved mapping, in the format of --map-file",
		Example: "  taskport mapping show nightly >nightly.json\n  taskport import export.csv --map-file nightly.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := flags.client(env)
			if err != nil {
				return err
			}
			saved, err := c.mapping(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			enc := json.NewEncoder(env.out)
			enc.SetIndent("", "  ")
			enc.SetEscapeHTML(false)
			return enc.Encode(saved)
		}}
	flags.add(cmd, env)
	return cmd
}

func newMappingDeleteCommand(env *environment) *cobra.Command {
	var flags clientFlags
	cmd := &cobra.Command{Use: "delete NAME", Short: "Delete a saved mapping",
		Example: "  taskport mapping delete nightly", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := flags.client(env)
			if err != nil {
				return err
			}
			resp, err := c.do(cmd.Context(), call{method: http.MethodDelete, path: mappingPath(args[0])})
			if err != nil {
				return err
			}
			return resp.Body.Close()
		}}
	flags.add(cmd, env)
	return cmd
}
