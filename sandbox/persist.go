package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A snapshot is written once nothing has changed for saveQuiet, at the latest saveAtMost after the first change.
const (
	saveQuiet  = time.Second
	saveAtMost = 30 * time.Second
)

// lostAtMost is more ids and changes than a process makes that dies before it saves them.
const lostAtMost = 1_000_000

// saver knows whether the state differs from the file.
type saver struct {
	firstNano, lastNano atomic.Int64
	writing             sync.Mutex
}

func (s *saver) dirty(now time.Time) {
	n := now.UnixNano()
	s.firstNano.CompareAndSwap(0, n)
	s.lastNano.Store(n)
}

// due tells whether a snapshot should be written now.
func (s *saver) due(now time.Time) bool {
	first := s.firstNano.Load()
	if first == 0 {
		return false
	}
	n := now.UnixNano()
	return n-s.lastNano.Load() >= int64(saveQuiet) || n-first >= int64(saveAtMost)
}

// stateFile is the snapshot as it lies on disk.
type stateFile struct {
	Format       int                         `json:"format"`
	NextID       int64                       `json:"next_id"`
	LastTS       int64                       `json:"last_ts"`
	Revision     uint64                      `json:"revision"`
	Counts       Counts                      `json:"counts"`
	Owners       []*Owner                    `json:"owners"`
	Properties   map[string][]*Property      `json:"properties"`
	Groups       map[string][]*PropertyGroup `json:"groups"`
	Records      map[string][]*Record        `json:"records"`
	Sends        []*Send                     `json:"sends"`
	Mails        []*Mail                     `json:"mails"`
	SMS          []*SMS                      `json:"sms"`
	Stopped      []string                    `json:"stopped"`
	Channels     []*Channel                  `json:"channels"`
	Users        []*User                     `json:"users"`
	Messages     map[string][]*Message       `json:"messages"`
	Ephemerals   []*Message                  `json:"ephemerals"`
	Views        []*View                     `json:"views"`
	Interactions []*Interaction              `json:"interactions"`
	Deliveries   []*Delivery                 `json:"deliveries"`
	Refusals     []*Refusal                  `json:"refusals"`
	Pending      []WebhookEvent              `json:"pending"`
}

const stateFormat = 1

// Save writes the state to Options.StateFile now, by an atomic rename. It does nothing without a file.
func (s *Sandbox) Save() error {
	if s.opts.StateFile == "" {
		return nil
	}
	s.saver.writing.Lock()
	defer s.saver.writing.Unlock()
	s.saver.firstNano.Store(0)
	s.mu.Lock()
	st := s.withRequests().copy()
	f := stateFile{NextID: s.nextID, LastTS: s.lastTS, Pending: slices.Clone(s.webhooks.pending)}
	s.mu.Unlock()

	f.Format, f.Revision, f.Counts = stateFormat, st.Revision, st.Counts
	f.Owners, f.Mails, f.Channels, f.Users = st.Owners, st.Mails, st.Channels, st.Users
	f.SMS, f.Stopped = st.SMS, slices.Sorted(maps.Keys(st.stopped))
	f.Ephemerals, f.Views, f.Interactions = st.ephemerals, st.Views, st.Interactions
	f.Deliveries, f.Refusals = st.Deliveries, st.Refusals
	f.Properties, f.Records, f.Messages = map[string][]*Property{}, map[string][]*Record{}, map[string][]*Message{}
	for name := range st.properties {
		f.Properties[name] = st.Properties(name)
	}
	f.Groups = map[string][]*PropertyGroup{}
	for name, groups := range st.groups {
		f.Groups[name] = slices.Collect(maps.Values(groups))
	}
	for name, t := range st.tables {
		f.Records[name] = t.list
	}
	for ch, l := range st.messages {
		for _, ts := range l.order {
			f.Messages[ch] = append(f.Messages[ch], l.byTS[ts])
		}
	}
	for _, send := range st.sends {
		f.Sends = append(f.Sends, send)
	}
	if err := writeAtomic(s.opts.StateFile, f); err != nil {
		s.saver.dirty(s.now())
		return fmt.Errorf("save the sandbox's state: %w", err)
	}
	return nil
}

func writeAtomic(path string, v any) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // gone after the rename
	err = json.NewEncoder(tmp).Encode(v)
	if err == nil {
		err = tmp.Sync()
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// saveWhenIdle writes snapshots until the context ends.
func (s *Sandbox) saveWhenIdle(ctx context.Context) {
	if s.opts.StateFile == "" {
		return
	}
	tick := time.NewTicker(saveQuiet / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if !s.saver.due(s.now()) {
				continue
			}
			if err := s.Save(); err != nil {
				s.log.ErrorContext(ctx, "sandbox state not saved", "error", err)
			}
		}
	}
}

// load reads the state file, if there is one.
func (s *Sandbox) load() error {
	if s.opts.StateFile == "" {
		return nil
	}
	raw, err := os.ReadFile(s.opts.StateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var f stateFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return fmt.Errorf("%s is damaged (move it away to start afresh): %w", s.opts.StateFile, err)
	}
	if f.Format != stateFormat {
		return fmt.Errorf("%s has format %d, this program reads %d (move it away to start afresh)", s.opts.StateFile, f.Format, stateFormat)
	}
	s.restore(&f)
	return nil
}

func (s *Sandbox) restore(f *stateFile) {
	st := s.st
	// What was made after the file was written is lost here, but receivers know its ids. A message's is its time.
	s.nextID, s.lastTS, st.Revision = f.NextID+lostAtMost, f.LastTS, f.Revision+lostAtMost
	s.rng = rand.New(rand.NewPCG(s.opts.Seed, st.Revision))
	for _, o := range f.Owners {
		st.addOwner(o)
	}
	for name, list := range f.Properties {
		st.properties[name] = map[string]*Property{}
		for _, p := range list {
			p.ReadOnly = readOnlyProperties[p.Name]
			st.properties[name][p.Name] = p
		}
	}
	for name, list := range f.Groups {
		st.groups[name] = map[string]*PropertyGroup{}
		for _, g := range list {
			st.groups[name][g.Name] = g
		}
	}
	for name, list := range f.Records {
		slices.SortFunc(list, func(a, b *Record) int { return strings.Compare(a.ID, b.ID) })
		tbl := &table{list: list}
		for _, r := range list {
			if r.UpdatedAt.After(tbl.changedAt) {
				tbl.changedAt = r.UpdatedAt
			}
			if email := r.Get("email"); name == Contacts && email != "" && !r.Archived {
				st.contactEmails[strings.ToLower(email)] = r.ID
			}
		}
		st.tables[name] = tbl
	}
	for _, send := range f.Sends {
		st.sends[send.ID] = send
	}
	for _, m := range f.Mails {
		m.send = st.sends[m.SendID]
		st.addMail(m, s.opts.Keep.Mails)
	}
	st.SMS = f.SMS
	for _, number := range f.Stopped {
		st.stopped[number] = true
	}
	for _, c := range f.Channels {
		st.addChannel(c)
	}
	for _, u := range f.Users {
		st.addUser(u)
	}
	for _, list := range f.Messages {
		for _, m := range list {
			if l := st.messages[m.Channel]; l != nil {
				l.order = append(l.order, m.TS)
				l.byTS[m.TS] = m
				if m.ThreadTS != "" && m.ThreadTS != m.TS {
					l.replies[m.ThreadTS] = append(l.replies[m.ThreadTS], m.TS)
				}
			}
		}
	}
	st.ephemerals, st.Views, st.Interactions = f.Ephemerals, f.Views, f.Interactions
	st.Deliveries, st.Refusals, st.Counts = f.Deliveries, f.Refusals, f.Counts
	if st.Counts.Requests == nil {
		st.Counts.Requests = map[Vendor]int64{}
	}
	if s.webhooks.pending = f.Pending; len(f.Pending) > 0 {
		s.webhooks.signal()
	}
}
