package config

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/survey"
)

// What every template shares is in texts/<locale>.yaml; templates/<name>.yaml is one
// template in all languages.
//
//go:embed texts/*.yaml templates/*.yaml
var templateFiles embed.FS

// Template is a survey that is ready for use at a touchpoint.
type Template struct {
	// About says in one line what it is for.
	About  string        `yaml:"about"`
	Metric survey.Metric `yaml:"metric"`
	// Texts are complete in each language; in a file, what is not shared.
	Texts map[string]survey.Texts `yaml:"-"`
	// Causes are what is asked after the score; none where empty.
	Causes []survey.Option `yaml:"causes"`
	// Checklist is what an audit goes through; empty of other metrics.
	Checklist []survey.Item `yaml:"checklist"`
}

// Templates returns the built-in templates by name.
func Templates() map[string]Template { return maps.Clone(builtin()) }

// basic are the templates that measure without a touchpoint in mind. They come first
// where templates are listed.
var basic = []string{string(survey.NPS), string(survey.CSAT), string(survey.CES)}

// TemplateNames returns the names of all templates, the basic three first.
func TemplateNames() []string {
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(builtin())), func(name string) bool { return slices.Contains(basic, name) })
	return slices.Concat(basic, others)
}

var builtin = sync.OnceValue(func() map[string]Template {
	languages, err := readLanguages()
	if err != nil {
		panic("config: " + err.Error())
	}
	files, err := fs.Glob(templateFiles, "templates/*.yaml")
	if err != nil {
		panic(err)
	}
	templates := map[string]Template{}
	for _, file := range files {
		template, err := readTemplate(file, languages)
		if err != nil {
			panic(fmt.Sprintf("config: %s: %v", file, err))
		}
		templates[stem(file)] = template
	}
	return templates
})

// stem is a file's name without folder and extension.
func stem(file string) string {
	return strings.TrimSuffix(file[strings.LastIndexByte(file, '/')+1:], ".yaml")
}

// readLanguages reads texts/<locale>.yaml, by locale and part.
func readLanguages() (map[string]map[string]yaml.Node, error) {
	files, err := fs.Glob(templateFiles, "texts/*.yaml")
	if err != nil {
		return nil, err
	}
	languages := map[string]map[string]yaml.Node{}
	for _, file := range files {
		var parts map[string]yaml.Node
		if err := readStrict(file, &parts); err != nil {
			return nil, err
		}
		languages[stem(file)] = parts
	}
	return languages, nil
}

// readTemplate lays a template's own texts above what all of its metric share.
func readTemplate(file string, languages map[string]map[string]yaml.Node) (Template, error) {
	var read struct {
		Template `yaml:",inline"`
		Own      map[string]yaml.Node `yaml:"texts"`
	}
	if err := readStrict(file, &read); err != nil {
		return Template{}, err
	}
	template := read.Template
	template.Texts = map[string]survey.Texts{}
	for locale, parts := range languages {
		var texts survey.Texts
		for _, part := range []yaml.Node{parts["shared"], parts[string(template.Metric)], read.Own[locale]} {
			if part.IsZero() {
				return Template{}, fmt.Errorf("no texts in %s", locale)
			}
			if err := part.Decode(&texts); err != nil {
				return Template{}, err
			}
		}
		template.Texts[locale] = texts
	}
	return template, nil
}

func readStrict(file string, into any) error {
	body, err := templateFiles.ReadFile(file)
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(body))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
