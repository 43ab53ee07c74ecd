package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
)

// Owners are answered 100 at a time unless asked otherwise, 500 at most (docs: owners).
const (
	ownersPage    = 100
	ownersPageMax = 500
)

func (s *Sandbox) listOwners(c *hubSpotCall) (reply, *refusal) {
	q := c.r.URL.Query()
	limit, offset := ownersPage, 0
	for name, into := range map[string]*int{"limit": &limit, "after": &offset} {
		if v := q.Get(name); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 {
				return reply{}, refusef(http.StatusBadRequest, "hubspot/owners_page", "%s %q is not a number", name, v)
			}
			*into = n
		}
	}
	if limit < 1 || limit > ownersPageMax {
		return reply{}, refusef(http.StatusBadRequest, "hubspot/owners_page", "limit %d is not 1 to %d", limit, ownersPageMax)
	}
	found := []*Owner{}
	s.mu.Lock()
	for _, o := range s.st.Owners {
		if email := q.Get("email"); (email == "" || email == o.Email) && o.Archived == archived(c) {
			found = append(found, o)
		}
	}
	s.mu.Unlock()
	end := min(offset+limit, len(found))
	answer := map[string]any{"results": found[min(offset, end):end]}
	if end < len(found) {
		answer["paging"] = map[string]any{"next": map[string]any{"after": strconv.Itoa(end)}}
	}
	return reply{http.StatusOK, answer}, nil
}

func (s *Sandbox) getOwner(c *hubSpotCall) (reply, *refusal) {
	id := c.r.PathValue("id")
	s.mu.Lock()
	o := s.st.Owner(id)
	s.mu.Unlock()
	if o == nil || o.Archived != archived(c) {
		return reply{}, refusef(http.StatusNotFound, "hubspot/not_found", "no owner has the id %q", id)
	}
	return reply{http.StatusOK, o}, nil
}

// archived reports whether a request is about owners who were removed.
func archived(c *hubSpotCall) bool { return c.r.URL.Query().Get("archived") == "true" }

// ArchiveOwner removes an owner from the account: they are found among the archived ones.
func (s *Sandbox) ArchiveOwner(id string) error {
	return s.changeOwner(id, func(o *Owner) { o.Archived, o.UpdatedAt = true, s.now() })
}

func (s *Sandbox) changeOwner(id string, change func(*Owner)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, o := range s.st.Owners {
		if o.ID == id {
			changed := *o
			change(&changed)
			s.st.Owners[i], s.st.ownersByID[id] = &changed, &changed
			s.touch()
			return nil
		}
	}
	return fmt.Errorf("owner %q: %w", id, ErrNotFound)
}
