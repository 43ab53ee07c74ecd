package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// searchUsers finds the user records of owners, by the owner's id alone (docs: users API).
func (s *Sandbox) searchUsers(c *hubSpotCall) (reply, *refusal) {
	var in searchInput
	if ref := s.decode(c, "PublicObjectSearchRequest", &in); ref != nil {
		return reply{}, ref
	}
	if len(in.FilterGroups) != 1 || len(in.FilterGroups[0].Filters) != 1 {
		return reply{}, refusef(http.StatusBadRequest, "hubspot/search_groups", "want one filter, by hubspot_owner_id")
	}
	f := in.FilterGroups[0].Filters[0]
	if f.PropertyName != "hubspot_owner_id" || f.Operator != "EQ" {
		return reply{}, refusef(http.StatusBadRequest, "hubspot/search_property", "There was a problem with the request: want hubspot_owner_id EQ")
	}
	found := searchResult{Results: []hubSpotObject{}}
	s.mu.Lock()
	o := s.st.Owner(f.Value)
	s.mu.Unlock()
	if o != nil && !o.Archived {
		found.Total, found.Results = 1, append(found.Results, userOf(*o, in.Properties))
	}
	return reply{http.StatusOK, found}, nil
}

// userOf is an owner's user record, which has an id of its own.
func userOf(o Owner, properties []string) hubSpotObject {
	id := strconv.FormatInt(207_000_000_000+o.UserID, 10)
	hours := make([]map[string]int64, 0, len(o.OutOfOffice))
	for _, h := range o.OutOfOffice {
		hours = append(hours, map[string]int64{"startTimestamp": h[0].UnixMilli(), "endTimestamp": h[1].UnixMilli()})
	}
	text, _ := json.Marshal(hours) // numbers
	all := map[string]string{"hs_email": o.Email, "hs_internal_user_id": strconv.FormatInt(o.UserID, 10), "hs_out_of_office_hours": string(text)}
	shown := map[string]*string{"hs_object_id": &id}
	for name, value := range all {
		if slices.Contains(properties, name) {
			shown[name] = &value
		}
	}
	return hubSpotObject{ID: id, Properties: shown, CreatedAt: timestamp(o.CreatedAt), UpdatedAt: timestamp(o.UpdatedAt)}
}

// SetOutOfOffice has an owner's user record say that they are out of office in a time, and
// at no other.
func (s *Sandbox) SetOutOfOffice(ownerID string, from, until time.Time) error {
	return s.changeOwner(ownerID, func(o *Owner) { o.OutOfOffice = [][2]time.Time{{from, until}} })
}
