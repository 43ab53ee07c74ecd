package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// LookupEnv returns the value of an environment variable and whether it is set, as
// os.LookupEnv does.
type LookupEnv func(name string) (string, bool)

// maxSecretFile is the most that a file with a secret may hold, in bytes.
const maxSecretFile = 64 << 10

// fileKeys are the secrets that <key>_file may name a file for.
var fileKeys = []string{"url", "token_key", "events_secret", "key", "token", "client_secret", "secret", "bot_token", "signing_secret", "app_token", "api_key", "password", "auth_token", "api_secret"}

// expand fills ${NAME} and <key>_file in, below a node.
func (d *document) expand(n *yaml.Node, at path, lookup LookupEnv) {
	switch n.Kind {
	case yaml.ScalarNode:
		d.expandScalar(n, at, lookup)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			d.expand(item, at.join(strconv.Itoa(i)), lookup)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			d.expand(n.Content[i+1], at.join(n.Content[i].Value), lookup)
		}
		d.readFiles(n, at)
	}
}

var placeholder = regexp.MustCompile(`\$\$|\$\{([^}]*)\}?`)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (d *document) expandScalar(n *yaml.Node, at path, lookup LookupEnv) {
	if n.ShortTag() != "!!str" || !strings.Contains(n.Value, "$") {
		return
	}
	n.Value = placeholder.ReplaceAllStringFunc(n.Value, func(found string) string {
		if found == "$$" {
			return "$"
		}
		name, closed := strings.CutSuffix(strings.TrimPrefix(found, "${"), "}")
		if !closed || !variableName.MatchString(name) {
			d.addAt(n, at.String(), "${ begins the name of an environment variable: write ${NAME}, or $${ for the characters themselves")
			return found
		}
		value, ok := lookup(name)
		if !ok {
			d.addAt(n, at.String(), fmt.Sprintf("environment variable %s is not set", name))
		}
		return value
	})
	// What a variable holds stays text, whatever it looks like.
	n.Tag, n.Style = "!!str", yaml.DoubleQuotedStyle
}

// readFiles replaces each <key>_file of a mapping by <key> with the file's content.
func (d *document) readFiles(n *yaml.Node, at path) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		base, ok := strings.CutSuffix(key.Value, "_file")
		if !ok || !slices.Contains(fileKeys, base) || value.Kind != yaml.ScalarNode || value.Value == "" {
			continue
		}
		here := at.join(key.Value)
		if _, other := child(n, base); other != nil {
			d.addAt(key, here.String(), fmt.Sprintf("%s is given too: one of the two is enough", base))
			continue
		}
		if d.failed(here) {
			continue
		}
		text, err := readSecret(d.name, value.Value)
		if err != nil {
			d.addAt(value, at.join(base).String(), err.Error())
		}
		key.Value, value.Value, value.Tag, value.Style = base, text, "!!str", yaml.DoubleQuotedStyle
	}
}

// readSecret reads the file that a configuration names, without the space around
// its content.
func readSecret(config, name string) (string, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(config), name)
	}
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("secret file: %w", err)
	}
	defer func() { _ = f.Close() }()
	body, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", fmt.Errorf("secret file: %w", err)
	}
	text := strings.TrimSpace(string(body))
	switch {
	case len(body) > maxSecretFile:
		return "", fmt.Errorf("secret file %s has more than %d bytes", name, maxSecretFile)
	case text == "":
		return "", fmt.Errorf("secret file %s is empty", name)
	}
	return text, nil
}
