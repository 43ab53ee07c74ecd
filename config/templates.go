package config

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/survey"
)

//go:embed texts/*.yaml
var textFiles embed.FS

// builtinTexts are the texts of a template by locale, nil of none.
func builtinTexts(template survey.Metric) map[string]survey.Texts { return builtin()[template] }

// builtin reads texts/<locale>.yaml: what all templates share, and what each has of
// its own.
var builtin = sync.OnceValue(func() map[survey.Metric]map[string]survey.Texts {
	templates := map[survey.Metric]map[string]survey.Texts{survey.NPS: {}, survey.CSAT: {}, survey.CES: {}}
	files, err := fs.Glob(textFiles, "texts/*.yaml")
	if err != nil {
		panic(err)
	}
	for _, name := range files {
		locale := strings.TrimSuffix(strings.TrimPrefix(name, "texts/"), ".yaml")
		for metric, texts := range templates {
			read, err := readTexts(name, metric)
			if err != nil {
				panic(fmt.Sprintf("config: %s: %v", name, err))
			}
			texts[locale] = read
		}
	}
	return templates
})

func readTexts(name string, metric survey.Metric) (texts survey.Texts, err error) {
	body, err := textFiles.ReadFile(name)
	if err != nil {
		return texts, err
	}
	var parts map[string]yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&parts); err != nil {
		return texts, err
	}
	for _, part := range []string{"shared", string(metric)} {
		node, ok := parts[part]
		if !ok {
			return texts, fmt.Errorf("no texts for %s", part)
		}
		if err := node.Decode(&texts); err != nil {
			return texts, err
		}
	}
	return texts, nil
}
