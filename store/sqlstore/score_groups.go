package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// facetWhole is the facet of what invitations are of; others are roll-ups.
const facetWhole = "*"

// scoreGroup is what was asked under the same circumstances, or a facet of it.
type scoreGroup struct {
	id                     int64
	facet                  string
	program, version       string
	kind, touchpoint, wave string
	// dims are the values of the owner and of declared dimensions that are known.
	dims map[string]string
}

const groupColumns = `g.id, g.facet, g.program, g.version, g.kind, g.touchpoint, g.wave, g.dims`

func (g *scoreGroup) fields() []any {
	return []any{&g.id, &g.facet, &g.program, &g.version, &g.kind, &g.touchpoint, &g.wave, asJSON{&g.dims}}
}

// key is what the group is known by.
func (g *scoreGroup) key() string {
	const between = "\x1f"
	return strings.Join([]string{g.facet, g.program, g.version, g.kind, g.touchpoint, g.wave, g.dimsText()}, between)
}

func (g *scoreGroup) dimsText() string {
	if g.dims == nil {
		return "{}"
	}
	return plainJSON(g.dims) // in the order of their names
}

// value is that of a dimension, "" for none.
func (g *scoreGroup) value(dimension string) string {
	switch dimension {
	case store.DimensionProgram:
		return g.program
	case store.DimensionKind:
		return g.kind
	case store.DimensionTouchpoint:
		return g.touchpoint
	case store.DimensionWave:
		return g.wave
	}
	return g.dims[dimension]
}

// onto is the facet of a group that has some of its dimensions.
func (g *scoreGroup) onto(names []string) *scoreGroup {
	facet := *g
	facet.id, facet.facet, facet.dims = 0, facetName(names), map[string]string{}
	for _, name := range names {
		facet.dims[name] = g.dims[name]
	}
	return &facet
}

// number gives groups their ids, those of new ones too.
func (q session) number(ctx context.Context, groups []*scoreGroup) error {
	byKey := map[string][]*scoreGroup{}
	for _, g := range groups {
		byKey[g.key()] = append(byKey[g.key()], g)
	}
	if err := q.findGroups(ctx, byKey); err != nil {
		return err
	}
	// In order, as all do: two that make the same groups wait for one another.
	var rows [][]any
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		g := byKey[key][0]
		rows = append(rows, []any{key, g.facet, g.program, g.version, g.kind, g.touchpoint, g.wave, g.dimsText()})
	}
	_, err := q.insert(ctx, `INSERT INTO score_groups (key, facet, program, version, kind, touchpoint, wave, dims)`, rows, `ON CONFLICT DO NOTHING`)
	if err != nil {
		return fmt.Errorf("keep groups of scores: %w", err)
	}
	return q.findGroups(ctx, byKey)
}

// findGroups gives groups that are known their ids and takes them out.
func (q session) findGroups(ctx context.Context, byKey map[string][]*scoreGroup) error {
	if len(byKey) == 0 {
		return nil
	}
	var id int64
	_, err := collect(ctx, q, func(row scanner) (key string, err error) {
		err = row.Scan(&id, &key)
		for _, g := range byKey[key] {
			g.id = id
		}
		delete(byKey, key)
		return key, err
	}, `SELECT id, key FROM score_groups WHERE key {any}`, q.list(slices.Collect(maps.Keys(byKey))))
	if err != nil {
		return fmt.Errorf("read groups of scores: %w", err)
	}
	return nil
}

// groupInvitations are the groups of invitations that are not suppressed, by invitation.
func (q session) groupInvitations(ctx context.Context, made []store.Invitation, req store.AdmitRequest, l *ledger) (map[string]int64, error) {
	var groups []*scoreGroup
	var all []map[string]string
	events := map[int64]map[string]string{}
	for _, c := range req.Candidates {
		events[c.ItemID] = c.Event
	}
	asked := slices.DeleteFunc(slices.Clone(made), func(i store.Invitation) bool { return i.State == survey.InvitationSuppressed })
	for _, i := range asked {
		contact, account := l.people[i.ContactKey].Contact, l.accounts[i.AccountKey]
		if req.Audit { // it is about the account, not about its auditor
			contact = survey.Contact{}
		}
		dims := req.Dimensions.Of(contact, account, events[i.ItemID])
		all = append(all, dims)
		groups = append(groups, &scoreGroup{
			facet: facetWhole, program: i.Program, version: i.Version, kind: string(req.Kind), touchpoint: req.Touchpoint, wave: req.Campaign, dims: dims,
		})
	}
	if err := q.capValues(ctx, req.Dimensions.Declared, all); err != nil {
		return nil, err
	}
	if err := q.number(ctx, groups); err != nil {
		return nil, err
	}
	ids := make(map[string]int64, len(asked))
	for n, i := range asked {
		ids[i.ID] = groups[n].id
	}
	return ids, nil
}

// capValues replaces values of declared dimensions that do not count, because enough others
// came before.
func (q session) capValues(ctx context.Context, declared []survey.Dimension, all []map[string]string) error {
	for _, dimension := range declared {
		if len(dimension.Values) > 0 {
			continue
		}
		var values []string
		for _, dims := range all {
			if value := dims[dimension.ID]; value != "" && value != survey.OtherValue {
				values = append(values, value)
			}
		}
		if len(values) == 0 {
			continue
		}
		counts, err := q.valuesThatCount(ctx, dimension, values)
		if err != nil {
			return fmt.Errorf("values of %s: %w", dimension.ID, err)
		}
		for _, dims := range all {
			if value := dims[dimension.ID]; value != "" && !counts[value] {
				dims[dimension.ID] = survey.OtherValue
			}
		}
	}
	return nil
}

// valuesThatCount are those of a dimension that do, new ones too while there is room.
func (q session) valuesThatCount(ctx context.Context, dimension survey.Dimension, values []string) (map[string]bool, error) {
	known := func() (map[string]bool, error) {
		found, err := collect(ctx, q, scanOne[string], `SELECT value FROM score_values WHERE dimension = ?`, dimension.ID)
		counts := map[string]bool{}
		for _, value := range found {
			counts[value] = true
		}
		return counts, err
	}
	counts, err := known()
	isNew := func(value string) bool { return !counts[value] }
	if err != nil || !slices.ContainsFunc(values, isNew) || len(counts) >= dimension.MaxValues {
		return counts, err
	}
	// Those who add values follow one another, so that there are never more.
	if err := q.lockCaps(ctx, []string{"values of " + dimension.ID}); err != nil {
		return nil, err
	}
	if counts, err = known(); err != nil {
		return nil, err
	}
	var rows [][]any
	for _, value := range values {
		if isNew(value) && len(counts) < dimension.MaxValues {
			counts[value] = true
			rows = append(rows, []any{dimension.ID, value})
		}
	}
	_, err = q.insert(ctx, `INSERT INTO score_values (dimension, value)`, rows, `ON CONFLICT DO NOTHING`)
	return counts, err
}

// facetsOf are the sets of dimensions that are rolled up together, the empty one first.
func facetsOf(names []string) [][]string {
	facets := [][]string{nil}
	for i, name := range names {
		facets = append(facets, []string{name})
		for _, other := range names[i+1:] {
			facets = append(facets, []string{name, other})
		}
	}
	return facets
}

func facetName(names []string) string { return strings.Join(names, "+") }

func sortedKeys(dims map[string]string) []string { return slices.Sorted(maps.Keys(dims)) }

const selectGroups = `SELECT ` + groupColumns + ` FROM score_groups g WHERE g.facet {any} AND g.program {any}`

// groupsOf reads the groups of facets and programs, by id.
func (q session) groupsOf(ctx context.Context, facets, programs []string) (map[int64]*scoreGroup, error) {
	groups := map[int64]*scoreGroup{}
	_, err := collect(ctx, q, func(row scanner) (*scoreGroup, error) {
		g := &scoreGroup{}
		err := row.Scan(g.fields()...)
		groups[g.id] = g
		return g, err
	}, selectGroups, q.list(facets), q.list(programs))
	if err != nil {
		return nil, fmt.Errorf("read groups of scores: %w", err)
	}
	return groups, nil
}

// describe reads what groups are of which the ids are known.
func (q session) describe(ctx context.Context, groups map[int64]*scoreGroup) error {
	_, err := collect(ctx, q, func(row scanner) (id int64, err error) {
		var g scoreGroup
		err = row.Scan(g.fields()...)
		if err == nil {
			*groups[g.id] = g
		}
		return g.id, err
	}, `SELECT `+groupColumns+` FROM score_groups g WHERE g.id {any}`, q.numbers(slices.Sorted(maps.Keys(groups))))
	if err != nil {
		return fmt.Errorf("read groups of scores: %w", err)
	}
	return nil
}
