package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"taskport/importer"
	"taskport/store"
)

func choices(values []string) string { return strings.Join(values, ", ") }

// among refuses a value of a flag that is none of the allowed ones; empty is none at all.
func among(flag, value string, allowed []string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s must be one of %s, not %q", flag, choices(allowed), value)
}

func texts[T ~string](values []T) []string {
	all := make([]string, len(values))
	for n, v := range values {
		all[n] = string(v)
	}
	return all
}

func kindNames() []string   { return texts(importer.Kinds()) }
func statusNames() []string { return texts(store.Statuses()) }
func reasonNames() []string { return texts(importer.Reasons()) }

// flagValues are the values of flags that take one of a list, by the name of the flag.
func flagValues() map[string][]string {
	var presets []string
	for _, kind := range importer.Kinds() {
		presets = append(presets, importer.PresetNames(kind)...)
	}
	slices.Sort(presets)
	return map[string][]string{
		"on-duplicate": {"skip", "update", "reject"}, "on-company-mismatch": {"reject", "link"},
		"on-duplicate-row": {"keep", "reject"}, "on-several": {"reject", "first"}, "date-order": {"dmy", "mdy", "ymd"},
		"preset": append(slices.Compact(presets), importer.NoPreset), "format": rejectsFormats,
		"delimiter": {"comma", "semicolon", "tab", "|"},
		"encoding":  {"utf-8", "utf-16", "windows-1252", "latin1"},
		"kind":      kindNames(), "status": statusNames(), "reason": reasonNames(),
		"permission": texts(store.Permissions()), "log-level": {"debug", "info", "warn", "error"},
	}
}

// complete adds to all commands what a shell completes: jobs, names of mappings, and the values of
// flags.
func complete(env *environment, root *cobra.Command) {
	values := flagValues()
	var each func(*cobra.Command)
	each = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			switch allowed := values[f.Name]; {
			case f.Name == "mapping-name":
				_ = c.RegisterFlagCompletionFunc(f.Name, named(env, mappingNames)) // fails only for an unknown flag
			case allowed != nil:
				_ = c.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(texts(allowed),
					cobra.ShellCompDirectiveNoFileComp))
			}
		})
		switch {
		case strings.Contains(c.Use, "JOB"):
			c.ValidArgsFunction = named(env, jobIDs)
		case strings.HasPrefix(c.CommandPath(), "taskport mapping ") && strings.Contains(c.Use, "NAME"):
			c.ValidArgsFunction = named(env, mappingNames)
		}
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each(root)
}

// completeWithin is how long a shell waits for the server.
const completeWithin = 2 * time.Second

// named completes what the server lists. Without an answer it completes nothing: a shell has no
// place for an error.
func named(env *environment, list func(context.Context, *client) []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		var f clientFlags
		f.server, f.key, f.retryFor = cmd.Flag("server").Value.String(), cmd.Flag("api-key").Value.String(), "0s"
		c, err := f.client(env)
		if err != nil || strings.Contains(cmd.Use, "JOB") && len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		c.note = nil
		ctx, cancel := context.WithTimeout(cmd.Context(), completeWithin)
		defer cancel()
		var fits []string
		for _, name := range list(ctx, c) {
			if strings.HasPrefix(name, typed) {
				fits = append(fits, name)
			}
		}
		return fits, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// jobIDs returns the newest jobs, each with a description after a tab.
func jobIDs(ctx context.Context, c *client) []string {
	jobs, _, err := c.jobs(ctx, url.Values{"per_page": {"25"}})
	if err != nil {
		return nil
	}
	all := []string{lastJob + "\tyour last job"}
	for _, j := range jobs {
		all = append(all, oneLine(j.JobID)+"\t"+j.Kind+", "+j.state()+j.ofFile())
	}
	return all
}

func mappingNames(ctx context.Context, c *client) []string {
	raw, err := c.get(ctx, "/v1/import/mappings", url.Values{"per_page": {"100"}})
	if err != nil {
		return nil
	}
	var answer struct {
		Data []struct {
			Name string `json:"name"`
			Kind string `json:"kind"`
		} `json:"data"`
	}
	if json.Unmarshal(raw, &answer) != nil {
		return nil
	}
	var all []string
	for _, m := range answer.Data {
		all = append(all, oneLine(m.Name)+"\t"+m.Kind)
	}
	return all
}
