package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// devOwned are the sections that "cxloop dev" gives itself, whatever a configuration of one's
// own says: where it runs, its secrets, and the vendors, which are stand-ins.
var devOwned = []string{"server", "temporal", "store", "security", "dev", "slack", "sendgrid", "smtp", "twilio", "language_model"}

// devAccess are the keys of a CRM that lead to the real one.
var devAccess = map[CRMType][]string{
	HubSpot: {"base_url", "version", "app_id", "token", "token_file", "client_secret", "client_secret_file"},
	Webhook: {"secret", "secret_file", "push_url", "cases"},
}

// withOwn lays a configuration of one's own over that of "cxloop dev". Its mistakes are told at
// their places in the own file.
func (o DevOptions) withOwn(base []byte, lookup LookupEnv) ([]byte, error) {
	dev := parse("dev.yaml", base)
	d := parse(o.OwnName, o.Own)
	if d.root == nil {
		return nil, d.errs
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: 1, Column: 1}
	for i := 0; i+1 < len(dev.root.Content); i += 2 {
		if slices.Contains(devOwned, dev.root.Content[i].Value) {
			root.Content = append(root.Content, dev.root.Content[i:i+2]...)
		}
	}
	sender := d.sender()
	for i := 0; i+1 < len(d.root.Content); i += 2 {
		if key := d.root.Content[i].Value; !slices.Contains(devOwned, key) {
			root.Content = append(root.Content, d.root.Content[i:i+2]...)
		}
	}
	root.Content[0].HeadComment = "" // which is about another file
	d.root = root
	d.keepSender(sender)
	d.playCRMs(dev)
	if len(d.errs) > 0 {
		return nil, d.errs
	}
	if _, err := d.load(withoutSettings(lookup)); err != nil {
		return nil, err
	}
	if file := d.value(path{"benchmarks", "file"}); file != nil && !filepath.IsAbs(file.Value) {
		absolute, err := filepath.Abs(filepath.Join(filepath.Dir(o.OwnName), file.Value))
		if err != nil {
			return nil, err
		}
		file.Value = absolute
	}
	keepDollars(d.root)
	body, err := yaml.Marshal(d.root)
	head := fmt.Sprintf("%s\n# the vendors, made of %q: change that file. It is written anew at each start. While\n# the first line stands here, no environment variable changes what the file says.\n", devMark, o.OwnName)
	return append([]byte(head), body...), err
}

// withoutSettings hides the variables that override settings: they are about production.
func withoutSettings(lookup LookupEnv) LookupEnv {
	hidden := map[string]bool{}
	for key := range settings() {
		hidden[Variable(key)] = true
	}
	return func(name string) (string, bool) {
		if hidden[name] {
			return "", false
		}
		return lookup(name)
	}
}

// sender are the keys that say who mails come from, with their values.
func (d *document) sender() (pairs []*yaml.Node) {
	for _, at := range []path{{"smtp", "from"}, {"smtp", "reply_to"}, {"sendgrid", "from"}, {"sendgrid", "reply_to"}} {
		if section := d.value(at[:1]); section != nil && (at[0] == "smtp" || d.value(path{"smtp"}) == nil) {
			if key, value := child(section, at[1]); value != nil {
				pairs = append(pairs, key, value)
			}
		}
	}
	return pairs
}

// keepSender has the mails of the stand-in come from the own sender.
func (d *document) keepSender(pairs []*yaml.Node) {
	for _, section := range []string{"smtp", "sendgrid"} {
		n := d.value(path{section})
		if n == nil || len(pairs) == 0 {
			continue // the playground's own sender
		}
		d.drop(path{section, "from"})
		d.drop(path{section, "reply_to"})
		n.Content = append(n.Content, pairs...)
	}
}

// playCRMs gives each CRM the access to its stand-in.
func (d *document) playCRMs(dev *document) {
	list := d.value(path{"crm"})
	if list == nil || list.Kind != yaml.SequenceNode {
		return
	}
	played := map[CRMType]*yaml.Node{}
	for _, entry := range dev.value(path{"crm"}).Content {
		_, kind := child(entry, "type")
		played[CRMType(kind.Value)] = entry
	}
	hubspots := 0
	for i, entry := range list.Content {
		_, kind := child(entry, "type")
		if kind == nil || played[CRMType(kind.Value)] == nil {
			continue
		}
		of, at := CRMType(kind.Value), path{"crm", strconv.Itoa(i)}
		if of == HubSpot {
			if hubspots++; hubspots > 1 {
				d.add(at, "cxloop dev plays one HubSpot: leave the others out of a copy of this file")
			}
		}
		for _, name := range devAccess[of] {
			d.drop(at.join(name))
			if key, value := child(played[of], name); value != nil && name != "cases" {
				entry.Content = append(entry.Content, key, value)
			}
		}
	}
}

// keepDollars has a text mean the same when it is read again.
func keepDollars(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		n.Value = strings.ReplaceAll(n.Value, "$", "$$")
	}
	for _, inner := range n.Content {
		keepDollars(inner)
	}
}

// SlackChannels are the channels that a configuration names, each once.
func SlackChannels(body []byte) []string {
	d := parse("", body)
	var found []string
	var look func(n *yaml.Node)
	look = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && formats["channel"](n.Value) == nil && !slices.Contains(found, n.Value) {
			found = append(found, n.Value)
		}
		for _, inner := range n.Content {
			look(inner)
		}
	}
	if d.root != nil {
		look(d.root)
	}
	return found
}
