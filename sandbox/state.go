package sandbox

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// table holds the records of one object type in order of their ids, which all have the same length and only grow. A
// copy for a reader is one slice, and an id is found by bisection.
type table struct {
	list []*Record
	// version grows with every change; changedAt is the time of the last one.
	version   uint64
	changedAt time.Time
}

func (t *table) find(id string) (int, bool) {
	return slices.BinarySearchFunc(t.list, id, func(r *Record, id string) int { return strings.Compare(r.ID, id) })
}

// get returns a record, archived or not, nil where there is none.
func (t *table) get(id string) *Record {
	if t == nil {
		return nil
	}
	if i, ok := t.find(id); ok {
		return t.list[i]
	}
	return nil
}

// put publishes a record in place of its former version.
func (t *table) put(r *Record) {
	t.version++
	if r.UpdatedAt.After(t.changedAt) {
		t.changedAt = r.UpdatedAt
	}
	if i, ok := t.find(r.ID); ok {
		t.list[i] = r
	} else {
		t.list = slices.Insert(t.list, i, r)
	}
}

// messageLog holds the messages of one channel in order of their ts.
type messageLog struct {
	order   []string
	byTS    map[string]*Message
	replies map[string][]string
}

func newMessageLog() *messageLog {
	return &messageLog{byTS: map[string]*Message{}, replies: map[string][]string{}}
}

func newState() *State {
	return &State{
		Counts:        Counts{Requests: map[Vendor]int64{}},
		tables:        map[string]*table{},
		properties:    map[string]map[string]*Property{},
		groups:        map[string]map[string]*PropertyGroup{},
		messages:      map[string]*messageLog{},
		sends:         map[string]*Send{},
		stopped:       map[string]bool{},
		mailsTo:       map[string][]*Mail{},
		usersByID:     map[string]*User{},
		usersByEmail:  map[string]*User{},
		channelsByID:  map[string]*Channel{},
		contactEmails: map[string]string{},
		ownersByID:    map[string]*Owner{},
	}
}

// copy returns a State of its own over the same, unchanging items.
func (st *State) copy() *State {
	c := *st
	c.Counts.Requests = maps.Clone(st.Counts.Requests)
	c.Owners = slices.Clone(st.Owners)
	c.Mails = slices.Clone(st.Mails)
	c.SMS = slices.Clone(st.SMS)
	c.stopped = maps.Clone(st.stopped)
	c.Channels = slices.Clone(st.Channels)
	c.Users = slices.Clone(st.Users)
	c.Views = slices.Clone(st.Views)
	c.Interactions = slices.Clone(st.Interactions)
	c.Deliveries = slices.Clone(st.Deliveries)
	c.Refusals = slices.Clone(st.Refusals)
	c.ephemerals = slices.Clone(st.ephemerals)
	c.tables = make(map[string]*table, len(st.tables))
	for name, t := range st.tables {
		c.tables[name] = &table{list: slices.Clone(t.list)}
	}
	// The maps within are replaced, never changed: see define.
	c.properties = maps.Clone(st.properties)
	c.groups = make(map[string]map[string]*PropertyGroup, len(st.groups))
	for name, g := range st.groups {
		c.groups[name] = maps.Clone(g)
	}
	c.messages = make(map[string]*messageLog, len(st.messages))
	for ch, l := range st.messages {
		c.messages[ch] = &messageLog{order: slices.Clone(l.order), byTS: maps.Clone(l.byTS), replies: maps.Clone(l.replies)}
	}
	c.sends = maps.Clone(st.sends)
	c.mailsTo = maps.Clone(st.mailsTo)
	c.usersByID = maps.Clone(st.usersByID)
	c.usersByEmail = maps.Clone(st.usersByEmail)
	c.channelsByID = maps.Clone(st.channelsByID)
	c.contactEmails = maps.Clone(st.contactEmails)
	c.ownersByID = maps.Clone(st.ownersByID)
	return &c
}

func (st *State) addOwner(o *Owner) {
	st.Owners = append(st.Owners, o)
	st.ownersByID[o.ID] = o
}

func (st *State) addChannel(c *Channel) {
	st.Channels = append(st.Channels, c)
	st.channelsByID[c.ID] = c
	if st.messages[c.ID] == nil {
		st.messages[c.ID] = newMessageLog()
	}
}

func (st *State) addUser(u *User) {
	st.Users = append(st.Users, u)
	st.usersByID[u.ID] = u
	if u.Email != "" {
		st.usersByEmail[strings.ToLower(u.Email)] = u
	}
}

func (st *State) addMail(m *Mail, keep int) {
	st.Mails = append(st.Mails, m)
	st.Counts.Mails++
	key := strings.ToLower(m.To.Email)
	st.mailsTo[key] = append(st.mailsTo[key], m)
	// Dropped in slabs, so that a full mailbox costs no copy per mail.
	if len(st.Mails) > keep+keep/4 {
		st.dropMails(len(st.Mails) - keep)
	}
}

func (st *State) dropMails(n int) {
	for _, old := range st.Mails[:n] {
		key := strings.ToLower(old.To.Email)
		if rest := st.mailsTo[key][1:]; len(rest) > 0 {
			st.mailsTo[key] = rest
		} else {
			delete(st.mailsTo, key)
		}
	}
	st.Mails = slices.Clone(st.Mails[n:])
	live := make(map[string]*Send, len(st.sends))
	for _, m := range st.Mails {
		live[m.SendID] = m.send
	}
	st.sends = live
}

// addMessage appends a message; its ts is later than every earlier one of the channel.
func (st *State) addMessage(m *Message, keep int) {
	l := st.messages[m.Channel]
	l.order = append(l.order, m.TS)
	l.byTS[m.TS] = m
	st.Counts.Messages++
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		l.replies[m.ThreadTS] = append(l.replies[m.ThreadTS], m.TS)
		if parent := l.byTS[m.ThreadTS]; parent != nil {
			p := *parent
			p.ThreadTS, p.ReplyCount = p.TS, p.ReplyCount+1
			l.byTS[p.TS] = &p
		}
	}
	if len(l.order) > keep+keep/4 {
		n := len(l.order) - keep
		for _, ts := range l.order[:n] {
			delete(l.byTS, ts)
			delete(l.replies, ts)
		}
		l.order = slices.Clone(l.order[n:])
	}
}

// capped appends to a list of which only the last are kept.
func capped[T any](list []T, item T, keep int) []T {
	list = append(list, item)
	if len(list) > keep+keep/4 {
		list = slices.Clone(list[len(list)-keep:])
	}
	return list
}
