package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static/*
var static embed.FS

// pages holds the template of each page by its file name, each with the layout.
type pages map[string]*template.Template

// parsePages parses all templates. Files that begin with an underscore are shared by all pages.
func parsePages() (pages, error) {
	assets, err := assetPaths()
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("find the pages: %w", err)
	}
	asset := func(name string) string { return assets[name] }
	shared, err := template.New("layout").Funcs(functions).Funcs(template.FuncMap{"asset": asset}).ParseFS(
		templateFiles, "templates/_*.html")
	if err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	all := pages{}
	for _, name := range names {
		base := path.Base(name)
		if strings.HasPrefix(base, "_") {
			continue
		}
		t, err := shared.Clone()
		if err == nil {
			_, err = t.ParseFS(templateFiles, name)
		}
		if err != nil {
			return nil, fmt.Errorf("read the page %s: %w", base, err)
		}
		all[base] = t
	}
	return all, nil
}

// fragment renders a part of a page.
func (p pages) fragment(view, part string, data any) (string, error) {
	var b bytes.Buffer
	if err := p[view].ExecuteTemplate(&b, part, data); err != nil {
		return "", fmt.Errorf("render %s: %w", part, err)
	}
	return b.String(), nil
}

// assetPaths returns the path of each static file by name. The path contains a hash of the content,
// so that browsers can cache the file.
func assetPaths() (map[string]string, error) {
	paths := map[string]string{}
	entries, err := static.ReadDir("static")
	if err != nil {
		return nil, fmt.Errorf("find the static files: %w", err)
	}
	for _, e := range entries {
		content, err := static.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read a static file: %w", err)
		}
		sum := sha256.Sum256(content)
		paths[e.Name()] = Prefix + "static/" + e.Name() + "?" + hex.EncodeToString(sum[:6])
	}
	return paths, nil
}

func staticFiles() http.Handler {
	files := http.StripPrefix(Prefix, http.FileServerFS(static))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		files.ServeHTTP(w, r)
	})
}
