package sandbox

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// searchesKept bounds what is kept of searches; the cache starts afresh when it is full.
const searchesKept = 16

// searchFound is what a search found in one version of a table.
type searchFound struct {
	version uint64
	records []*Record
}

// search returns the records that the index holds and that match, and the time up to which the index has come. What
// was found is kept until the table changes, without the cursor, so that paging through a hundred thousand records by
// their ids does not look at all of them for every page.
func (s *Sandbox) search(t *objectType, in *searchInput, defs map[string]*Property) ([]*Record, time.Time) {
	at := s.now().Add(-max(0, s.opts.HubSpot.SearchLag))
	rest, after := in.splitCursor()
	key := rest.key(t)
	s.mu.Lock()
	tbl := s.st.tables[t.name]
	if tbl == nil {
		s.mu.Unlock()
		return nil, at
	}
	if kept, ok := s.hubspot.found[key]; ok && kept.version == tbl.version {
		s.mu.Unlock()
		return beyond(kept.records, after), at
	}
	version, settled, records := tbl.version, !tbl.changedAt.After(at), slices.Clone(tbl.list)
	s.mu.Unlock()
	found := rest.find(records, defs, at)
	if settled {
		s.keepFound(key, searchFound{version, found})
	}
	return beyond(found, after), at
}

func (s *Sandbox) keepFound(key string, found searchFound) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hubspot.found == nil || len(s.hubspot.found) >= searchesKept {
		s.hubspot.found = map[string]searchFound{}
	}
	s.hubspot.found[key] = found
}

// splitCursor takes out of a search in the order of the ids the filter for those beyond an id, "" for none.
func (in *searchInput) splitCursor() (rest searchInput, after string) {
	rest = *in
	if len(in.Sorts) == 1 && in.Sorts[0] == (searchSort{"hs_object_id", "ASCENDING"}) {
		rest.Sorts = nil // a table is in that order
	}
	if len(rest.Sorts) > 0 || len(in.FilterGroups) != 1 {
		return rest, ""
	}
	filters := in.FilterGroups[0].Filters
	at := slices.IndexFunc(filters, searchFilter.isCursor)
	if at < 0 {
		return rest, ""
	}
	rest.FilterGroups = nil
	if left := slices.Delete(slices.Clone(filters), at, at+1); len(left) > 0 {
		rest.FilterGroups = []filterGroup{{Filters: left}}
	}
	if len(filters[at].Value) < idLength {
		return rest, ""
	}
	return rest, filters[at].Value
}

// idLength is the length of every record's id: they are ordered as text is.
var idLength = len(strconv.Itoa(firstRecordID))

func (f searchFilter) isCursor() bool {
	_, err := strconv.ParseUint(f.Value, 10, 64)
	return f.PropertyName == "hs_object_id" && f.Operator == "GT" && err == nil && len(f.Value) <= idLength
}

// key names what is searched for, whatever page of it.
func (in *searchInput) key(t *objectType) string {
	raw, _ := json.Marshal([]any{t.name, in.FilterGroups, in.Sorts, in.Query}) // texts alone: it cannot fail
	return string(raw)
}

// beyond returns the records whose ids follow one, all for "".
func beyond(records []*Record, id string) []*Record {
	i, found := slices.BinarySearchFunc(records, id, func(r *Record, id string) int { return strings.Compare(r.ID, id) })
	if found {
		i++
	}
	return records[i:]
}
