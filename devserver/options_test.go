package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/dynamicconfig"
)

func TestWrongOptionsAreNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"ip":                      {[]string{"--ip", "somewhere"}, `--ip "somewhere" is not an IP address`},
		"port":                    {[]string{"--port", "70000"}, "--port 70000 is not in 1 to 65535"},
		"ui port":                 {[]string{"--ui-port", "-1"}, "--ui-port -1 is not in 1 to 65535"},
		"ui port out of range":    {[]string{"--port", "65000"}, "--ui-port 66000 is not in 1 to 65535"},
		"same port twice":         {[]string{"--port", "7000", "--ui-port", "7000"}, "--ui-port and --port are both 7000"},
		"codec endpoint":          {[]string{"--ui-codec-endpoint", "codec"}, `--ui-codec-endpoint "codec" is not a URL`},
		"log level":               {[]string{"--log-level", "loud"}, `--log-level "loud"`},
		"log format":              {[]string{"--log-format", "xml"}, `--log-format "xml"`},
		"namespace":               {[]string{"--namespace", "a b"}, `--namespace "a b"`},
		"attribute without type":  {[]string{"--search-attribute", "Program"}, `--search-attribute "Program" is not NAME=TYPE`},
		"attribute of no type":    {[]string{"--search-attribute", "Program=String"}, `type "String" is none of Bool, Datetime`},
		"attribute of two types":  {[]string{"--search-attribute", "P=Int", "--search-attribute", "P=Bool"}, "given as Int and as Bool"},
		"dynamic config not JSON": {[]string{"--dynamic-config-value", "a.b=yes"}, `--dynamic-config-value a.b: "yes" is not JSON`},
		"dynamic config no value": {[]string{"--dynamic-config-value", "a.b"}, "is not KEY=JSON"},
		"database folder":         {[]string{"--db-filename", filepath.Join("not", "there", "t.db")}, "folder not/there does not exist"},
		"unknown option":          {[]string{"--bogus"}, "unknown flag: --bogus"},
		"stray argument":          {[]string{"bogus"}, "unknown command"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := newCommand(&bytes.Buffer{})
			cmd.SetArgs(append([]string{"server", "start-dev"}, tc.args...))
			require.ErrorContains(t, cmd.ExecuteContext(t.Context()), tc.want)
		})
	}
}

func TestOptionsParsed(t *testing.T) {
	t.Parallel()
	got, err := (&rawOptions{
		ip: "localhost", port: 7300, logLevel: "error", logFormat: "pretty",
		namespaces:          []string{"cxloop", "default", "cxloop"},
		searchAttributes:    []string{"Program=Keyword", "Since=Datetime"},
		dynamicConfigValues: []string{`frontend.rps=12`, `a.b="x=y"`},
	}).parse()
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:7300", got.address())
	require.Equal(t, "127.0.0.1:8300", got.uiAddress())
	require.Equal(t, []string{"default", "cxloop"}, got.namespaces)
	require.Equal(t, map[string]enumspb.IndexedValueType{
		"Program": enumspb.INDEXED_VALUE_TYPE_KEYWORD, "Since": enumspb.INDEXED_VALUE_TYPE_DATETIME,
	}, got.searchAttributes)
	require.Equal(t, map[dynamicconfig.Key]any{
		dynamicconfig.MakeKey("frontend.rps"): 12.0, dynamicconfig.MakeKey("a.b"): "x=y",
	}, got.dynamicConfig)
}

func TestVersionNamesServerAndUI(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	cmd := newCommand(&out)
	cmd.SetArgs([]string{"--version"})
	require.NoError(t, cmd.ExecuteContext(t.Context()))
	require.Regexp(t, `Temporal server \d+\.\d+\.\d+, UI \d+\.\d+\.\d+`, out.String())
}
