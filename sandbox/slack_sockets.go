package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Slack's rules of Socket Mode (docs: using Socket Mode).
const (
	socketsMax = 10
	// socketTicket is how long the address of a connection is good for, once.
	socketTicket = 30 * time.Second
	// socketAnswerMax is the longest acknowledgement that Slack reads, in bytes.
	socketAnswerMax = 20 << 10
	socketPing      = 5 * time.Second
	// socketGrace is how long a connection stays open after the app was told to make another.
	socketGrace = 10 * time.Second
)

// socketServer is Slack's side of the connections of Socket Mode.
type socketServer struct {
	mu      sync.Mutex
	tickets map[string]time.Time
	open    []*slackSocket
	next    int
}

// slackSocket is one connection.
type slackSocket struct {
	conn    *websocket.Conn
	writing sync.Mutex
	mu      sync.Mutex
	waiting map[string]chan json.RawMessage
	// ending is set once the app was told to make another connection.
	ending bool
	gone   chan struct{}
}

var errNoSocket = errors.New("the app has no connection open in Socket Mode")

// openSocket answers apps.connections.open, which takes the app's token alone.
func (s *Sandbox) openSocket(*slackCall) (map[string]any, *slackError) {
	base, err := url.Parse(s.opts.PublicURL)
	if err != nil || base.Host == "" {
		return nil, slackErrorf("internal_error", "Options.PublicURL is not set")
	}
	ticket := s.randomHex(16)
	now := s.now()
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	for old, expires := range s.sockets.tickets {
		if now.After(expires) {
			delete(s.sockets.tickets, old)
		}
	}
	s.sockets.tickets[ticket] = now.Add(socketTicket)
	base.Scheme = map[string]string{"https": "wss"}[base.Scheme]
	base.Scheme = cmp.Or(base.Scheme, "ws")
	address := base.JoinPath("/slack/link/")
	address.RawQuery = url.Values{"ticket": {ticket}, "app_id": {s.opts.Slack.AppID}}.Encode()
	return map[string]any{"url": address.String()}, nil
}

// serveSocket takes a connection and reads what the app acknowledges until it ends.
func (s *Sandbox) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !s.takeTicket(r.URL.Query().Get("ticket")) {
		http.Error(w, "the ticket is unknown, used or expired", http.StatusForbidden)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // the app is no browser
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // it was answered
	}
	c := &slackSocket{conn: conn, waiting: map[string]chan json.RawMessage{}, gone: make(chan struct{})}
	defer s.endSocket(c)
	if !s.addSocket(c) {
		_ = c.write(map[string]any{"type": "disconnect", "reason": "too_many_websockets", "debug_info": socketDebug()})
		return
	}
	conn.SetPongHandler(func(string) error { return conn.SetReadDeadline(time.Now().Add(3 * socketPing)) })
	go c.ping()
	for {
		_ = conn.SetReadDeadline(time.Now().Add(3 * socketPing))
		_, raw, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if rule, detail := c.take(raw); rule != "" {
			s.recordRefusal(Slack, r, refusef(0, "slack/"+rule, "%s", detail), nil)
		}
	}
}

func (s *Sandbox) takeTicket(ticket string) bool {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	expires, known := s.sockets.tickets[ticket]
	delete(s.sockets.tickets, ticket)
	return known && s.now().Before(expires)
}

// addSocket greets a connection, unless there are too many.
func (s *Sandbox) addSocket(c *slackSocket) bool {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	if len(s.sockets.open) >= socketsMax {
		return false
	}
	s.sockets.open = append(s.sockets.open, c)
	hello := map[string]any{
		"type": "hello", "num_connections": len(s.sockets.open), "connection_info": map[string]any{"app_id": s.opts.Slack.AppID},
		"debug_info": socketDebug(),
	}
	return c.write(hello) == nil
}

func socketDebug() map[string]any {
	return map[string]any{"host": "applink-sandbox", "build_number": 1, "approximate_connection_time": 18060}
}

func (s *Sandbox) endSocket(c *slackSocket) {
	_ = c.conn.Close()
	close(c.gone)
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	s.sockets.open = slices.DeleteFunc(s.sockets.open, func(o *slackSocket) bool { return o == c })
}

// Sockets is how many connections the app has open in Socket Mode.
func (s *Sandbox) Sockets() int {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	return len(s.sockets.open)
}

// RefreshSockets tells the app to make new connections, as Slack does every few hours, and closes the present ones
// after a while. The reason is refresh_requested or warning.
func (s *Sandbox) RefreshSockets(reason string) {
	s.sockets.mu.Lock()
	open := slices.Clone(s.sockets.open)
	s.sockets.mu.Unlock()
	for _, c := range open {
		c.mu.Lock()
		c.ending = true
		c.mu.Unlock()
		_ = c.write(map[string]any{"type": "disconnect", "reason": reason, "debug_info": socketDebug()})
		time.AfterFunc(socketGrace, func() { _ = c.conn.Close() })
	}
}

// closeSockets breaks all connections.
func (s *Sandbox) closeSockets() {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	for _, c := range s.sockets.open {
		_ = c.conn.Close()
	}
}

// socket picks the connection whose turn it is.
func (s *Sandbox) socket() *slackSocket {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	for range s.sockets.open {
		s.sockets.next++
		c := s.sockets.open[s.sockets.next%len(s.sockets.open)]
		c.mu.Lock()
		ending := c.ending
		c.mu.Unlock()
		if !ending {
			return c
		}
	}
	return nil
}

// sendEnvelope gives an interaction to one of the app's connections and returns what it acknowledged it with. Slack
// sends interactions once: where nothing comes back in time the user is told so.
func (s *Sandbox) sendEnvelope(payload []byte) (answer string, err error) {
	c := s.socket()
	if c == nil {
		return "", errNoSocket
	}
	id := s.randomHex(4) + "-" + s.randomHex(2) + "-" + s.randomHex(2) + "-" + s.randomHex(2) + "-" + s.randomHex(6)
	acknowledged := make(chan json.RawMessage, 1)
	c.mu.Lock()
	c.waiting[id] = acknowledged
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
	}()
	err = c.write(map[string]any{
		"type": "interactive", "envelope_id": id, "accepts_response_payload": true, "payload": json.RawMessage(payload),
	})
	if err != nil {
		return "", err
	}
	late := time.NewTimer(interactionTimeout)
	defer late.Stop()
	select {
	case got := <-acknowledged:
		return string(got), nil
	case <-c.gone:
		return "", errors.New("the connection ended before the envelope was acknowledged")
	case <-late.C:
		return "", fmt.Errorf("the envelope was not acknowledged within %s", interactionTimeout)
	}
}

// take reads an acknowledgement. It returns the rule that one breaks.
func (c *slackSocket) take(raw []byte) (rule, detail string) {
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(raw, &ack); err != nil || ack.EnvelopeID == "" {
		return "socket_acknowledgement", "want JSON with an envelope_id"
	}
	if len(raw) >= socketAnswerMax {
		return "socket_acknowledgement_max", fmt.Sprintf("the acknowledgement has %d bytes: Slack reads fewer than %d", len(raw), socketAnswerMax)
	}
	c.mu.Lock()
	acknowledged := c.waiting[ack.EnvelopeID]
	delete(c.waiting, ack.EnvelopeID)
	c.mu.Unlock()
	if acknowledged == nil {
		return "socket_envelope", "no envelope of this id waits on this connection"
	}
	if strings.TrimSpace(string(ack.Payload)) == "null" {
		ack.Payload = nil
	}
	acknowledged <- ack.Payload
	return "", ""
}

func (c *slackSocket) write(message any) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(socketPing))
	return c.conn.WriteJSON(message)
}

// ping asks the app now and then whether it is there; its answer keeps the connection.
func (c *slackSocket) ping() {
	every := time.NewTicker(socketPing)
	defer every.Stop()
	for {
		_ = c.conn.WriteControl(websocket.PingMessage, []byte("Ping from applink-sandbox"), time.Now().Add(socketPing))
		select {
		case <-c.gone:
			return
		case <-every.C:
		}
	}
}
