package sandbox

import (
	"encoding/json"
	"net/http"
)

type slackState struct{}

func (h *slackState) init() {}

type contracts struct{}

func loadContracts(string) (*contracts, error)                    { return &contracts{}, nil }
func substitute(s string, _ map[string]string) string             { return s }
func (s *Sandbox) newTrigger(string) string                       { return "" }
func (s *Sandbox) newResponseURL(string, string, string) string   { return "" }
func (s *Sandbox) messageJSON(m *Message, _ bool) json.RawMessage { return m.Blocks }
func (s *Sandbox) slackRoutes(*http.ServeMux)                     {}
func (s *Sandbox) sendgridRoutes(*http.ServeMux)                  {}
func (c *contracts) checkHubSpot(string, []byte) error            { return nil }
