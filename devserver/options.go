package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/dynamicconfig"
)

const (
	defaultPort = 7233
	// uiPortOffset is what the temporal command adds to the port for its UI.
	uiPortOffset = 1000
	// defaultNamespace exists in every server, as it does with the temporal command.
	defaultNamespace = "default"
)

// namespacePattern is what a namespace may be called; the server's own rule, checked before anything is created.
var namespacePattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$`)

// rawOptions are the options as they were typed.
type rawOptions struct {
	ip, uiCodecEndpoint                               string
	dbFilename, logLevel, logFormat                   string
	port, uiPort                                      int
	headless                                          bool
	namespaces, dynamicConfigValues, searchAttributes []string
}

// options are the options after validation.
type options struct {
	ip               string
	port, uiPort     int
	headless         bool
	uiCodecEndpoint  string // empty: none
	namespaces       []string
	dbFilename       string // empty: in memory
	logLevel         string
	logFormat        string
	dynamicConfig    map[dynamicconfig.Key]any
	searchAttributes map[string]enumspb.IndexedValueType
}

func (o options) address() string   { return net.JoinHostPort(o.ip, strconv.Itoa(o.port)) }
func (o options) uiAddress() string { return net.JoinHostPort(o.ip, strconv.Itoa(o.uiPort)) }

func (r *rawOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&r.ip, "ip", "127.0.0.1", "address to listen on")
	flags.IntVarP(&r.port, "port", "p", defaultPort, "port of the gRPC service")
	flags.IntVar(&r.uiPort, "ui-port", 0, "port of the web UI (default: --port plus 1000)")
	flags.StringVar(&r.uiCodecEndpoint, "ui-codec-endpoint", "", "URL of the codec server that decrypts payloads for the web UI")
	flags.BoolVar(&r.headless, "headless", false, "no web UI")
	flags.StringArrayVarP(&r.namespaces, "namespace", "n", nil, `namespace to create, repeatable ("default" is always there)`)
	flags.StringVarP(&r.dbFilename, "db-filename", "f", "", "database file, created when missing (default: in memory, lost at the end)")
	flags.StringArrayVar(&r.dynamicConfigValues, "dynamic-config-value", nil, "dynamic configuration KEY=JSON, repeatable")
	flags.StringArrayVar(&r.searchAttributes, "search-attribute", nil,
		"search attribute NAME=TYPE to register in every namespace, repeatable; types: "+strings.Join(attributeTypes(), ", "))
	flags.StringVar(&r.logLevel, "log-level", "error", "debug, info, warn, error or never")
	flags.StringVar(&r.logFormat, "log-format", "text", "text (also: pretty) or json")
}

// parse validates the options. It names the option that is wrong, and touches neither disk nor network but to look
// whether the database's folder exists.
func (r *rawOptions) parse() (options, error) {
	o := options{
		ip: r.ip, port: r.port, uiPort: r.uiPort, headless: r.headless, uiCodecEndpoint: r.uiCodecEndpoint,
		dbFilename: r.dbFilename, logLevel: r.logLevel, logFormat: r.logFormat,
	}
	if o.ip == "localhost" {
		o.ip = "127.0.0.1"
	}
	if net.ParseIP(o.ip) == nil {
		return o, fmt.Errorf("--ip %q is not an IP address", r.ip)
	}
	if err := checkPort("--port", o.port); err != nil {
		return o, err
	}
	if !o.headless {
		if o.uiPort == 0 {
			o.uiPort = o.port + uiPortOffset
		}
		if err := checkPort("--ui-port", o.uiPort); err != nil {
			return o, err
		}
		if o.uiPort == o.port {
			return o, fmt.Errorf("--ui-port and --port are both %d", o.port)
		}
	}
	if u, err := url.Parse(o.uiCodecEndpoint); o.uiCodecEndpoint != "" && (err != nil || u.Host == "") {
		return o, fmt.Errorf("--ui-codec-endpoint %q is not a URL", o.uiCodecEndpoint)
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error", "never"}, o.logLevel) {
		return o, fmt.Errorf("--log-level %q is none of debug, info, warn, error, never", o.logLevel)
	}
	if !slices.Contains([]string{"text", "pretty", "json"}, o.logFormat) {
		return o, fmt.Errorf("--log-format %q is none of text, pretty, json", o.logFormat)
	}
	var err error
	if o.namespaces, err = parseNamespaces(r.namespaces); err != nil {
		return o, err
	}
	if o.searchAttributes, err = parseSearchAttributes(r.searchAttributes); err != nil {
		return o, err
	}
	if o.dynamicConfig, err = parseDynamicConfig(r.dynamicConfigValues); err != nil {
		return o, err
	}
	return o, checkFolder(o.dbFilename)
}

func checkPort(option string, port int) error {
	if port < 1 || port > 65535 {
		return fmt.Errorf("%s %d is not in 1 to 65535", option, port)
	}
	return nil
}

func parseNamespaces(names []string) ([]string, error) {
	all := []string{defaultNamespace}
	for _, name := range names {
		if !namespacePattern.MatchString(name) {
			return nil, fmt.Errorf("--namespace %q: letters, digits, '_', '.' and '-' only, beginning with a letter or a digit", name)
		}
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all, nil
}

func attributeTypes() []string {
	var names []string
	for name, value := range enumspb.IndexedValueType_shorthandValue {
		if value != int32(enumspb.INDEXED_VALUE_TYPE_UNSPECIFIED) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func parseSearchAttributes(pairs []string) (map[string]enumspb.IndexedValueType, error) {
	attributes := make(map[string]enumspb.IndexedValueType, len(pairs))
	for _, pair := range pairs {
		name, typeName, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--search-attribute %q is not NAME=TYPE", pair)
		}
		value, err := enumspb.IndexedValueTypeFromString(typeName)
		if err != nil || value == enumspb.INDEXED_VALUE_TYPE_UNSPECIFIED {
			return nil, fmt.Errorf("--search-attribute %s: type %q is none of %s", name, typeName, strings.Join(attributeTypes(), ", "))
		}
		if before, twice := attributes[name]; twice && before != value {
			return nil, fmt.Errorf("--search-attribute %s is given as %s and as %s", name, before, value)
		}
		attributes[name] = value
	}
	return attributes, nil
}

func parseDynamicConfig(pairs []string) (map[dynamicconfig.Key]any, error) {
	values := make(map[dynamicconfig.Key]any, len(pairs))
	for _, pair := range pairs {
		name, text, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--dynamic-config-value %q is not KEY=JSON", pair)
		}
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			return nil, fmt.Errorf("--dynamic-config-value %s: %q is not JSON (a string wants double quotes): %w", name, text, err)
		}
		values[dynamicconfig.MakeKey(name)] = value
	}
	return values, nil
}

func checkFolder(dbFilename string) error {
	if dbFilename == "" {
		return nil
	}
	folder := filepath.Dir(dbFilename)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("--db-filename: folder %s does not exist", folder)
	case err != nil:
		return fmt.Errorf("--db-filename: %w", err)
	case !info.IsDir():
		return fmt.Errorf("--db-filename: %s is not a folder", folder)
	}
	return nil
}
