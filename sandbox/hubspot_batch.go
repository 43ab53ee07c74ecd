package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// batchResult is the answer of every batch endpoint.
type batchResult struct {
	Status      string       `json:"status"`
	Results     any          `json:"results"`
	NumErrors   int          `json:"numErrors,omitempty"`
	Errors      []batchError `json:"errors,omitempty"`
	StartedAt   string       `json:"startedAt"`
	CompletedAt string       `json:"completedAt"`
}

type batchError struct {
	Status   string              `json:"status"`
	Category string              `json:"category"`
	Message  string              `json:"message"`
	Context  map[string][]string `json:"context"`
}

// batch answers 200, or 201 for a creation, or 207 where some inputs failed.
func (s *Sandbox) batch(ok int, started time.Time, results any, errs []batchError) reply {
	r := batchResult{
		Status: "COMPLETE", Results: results, NumErrors: len(errs), Errors: errs,
		StartedAt: timestamp(started), CompletedAt: timestamp(s.now()),
	}
	if len(errs) > 0 {
		return reply{http.StatusMultiStatus, r}
	}
	return reply{ok, r}
}

// notFound is the one entry that HubSpot makes for all ids that it could not find.
func notFound(t *objectType, ids []string) []batchError {
	if len(ids) == 0 {
		return nil
	}
	return []batchError{{
		Status: "error", Category: "OBJECT_NOT_FOUND",
		Message: "Could not get some " + strings.ToUpper(t.singular) + " objects, they may be deleted or not exist. Check that ids are valid.",
		Context: map[string][]string{"ids": ids},
	}}
}

func checkBatchSize(n int) *refusal {
	switch {
	case n == 0:
		return refusef(http.StatusBadRequest, "hubspot/batch_min", "The inputs of a batch must not be empty")
	case n > hubSpotBatchMax:
		return refusef(http.StatusBadRequest, "hubspot/batch_max", "Batch size %d exceeds the maximum of %d inputs", n, hubSpotBatchMax)
	}
	return nil
}

func (s *Sandbox) batchRead(c *hubSpotCall) (reply, *refusal) {
	started := s.now()
	var in struct {
		Inputs []struct {
			ID string `json:"id"`
		} `json:"inputs"`
		Properties            []string `json:"properties"`
		PropertiesWithHistory []string `json:"propertiesWithHistory"`
		IDProperty            string   `json:"idProperty"`
	}
	if ref := s.decode(c, "", &in); ref != nil {
		return reply{}, ref
	}
	if ref := checkBatchSize(len(in.Inputs)); ref != nil {
		return reply{}, ref
	}
	if ref := checkIDProperty(c.t, in.IDProperty); ref != nil {
		return reply{}, ref
	}
	var found []*Record
	var missing []string
	seen := map[string]bool{}
	s.mu.Lock()
	for _, id := range in.Inputs {
		r := s.find(c.t, id.ID, in.IDProperty)
		switch {
		case r == nil:
			missing = append(missing, id.ID)
		case !seen[r.ID]:
			seen[r.ID] = true
			found = append(found, r)
		}
	}
	s.mu.Unlock()
	results := make([]hubSpotObject, 0, len(found))
	for _, r := range found {
		o := s.present(r, c.t, in.Properties, time.Time{})
		for _, name := range in.PropertiesWithHistory {
			if o.PropertiesWithHistory == nil {
				o.PropertiesWithHistory = map[string][]hubSpotVersion{}
			}
			o.PropertiesWithHistory[name] = historyOf(r, name)
		}
		results = append(results, o)
	}
	return s.batch(http.StatusOK, started, results, notFound(c.t, missing)), nil
}

// historyOf lists a property's versions, newest first as the API does.
func historyOf(r *Record, name string) []hubSpotVersion {
	versions := r.History[name]
	out := make([]hubSpotVersion, 0, len(versions))
	for i := len(versions) - 1; i >= 0; i-- {
		v := versions[i]
		out = append(out, hubSpotVersion{Value: v.Value, Timestamp: timestamp(v.At), SourceType: v.Source, SourceID: v.SourceID})
	}
	return out
}

type updateInput struct {
	ID                 string    `json:"id"`
	IDProperty         string    `json:"idProperty"`
	ObjectWriteTraceID string    `json:"objectWriteTraceId"`
	Properties         stringMap `json:"properties"`
}

// batchUpdate changes up to 100 records. Invalid values fail the whole batch with 400, unless every input carries an
// objectWriteTraceId: then they fail alone, with 207 (docs: error handling, "multi-status errors").
func (s *Sandbox) batchUpdate(c *hubSpotCall) (reply, *refusal) {
	started := s.now()
	var in struct {
		Inputs []updateInput `json:"inputs"`
	}
	if ref := s.decode(c, "BatchInputSimplePublicObjectBatchInput", &in); ref != nil {
		return reply{}, ref
	}
	if ref := checkUpdateInputs(c.t, in.Inputs); ref != nil {
		return reply{}, ref
	}
	multi := true
	for _, i := range in.Inputs {
		multi = multi && i.ObjectWriteTraceID != ""
	}
	records := make([]*Record, len(in.Inputs))
	var errs []batchError
	var missing []string
	s.mu.Lock()
	invalid := make([]bool, len(in.Inputs))
	for n, i := range in.Inputs {
		if ref := s.checkProperties(c.t, i.Properties); ref != nil {
			if !multi {
				s.mu.Unlock()
				return reply{}, ref
			}
			invalid[n] = true
			errs = append(errs, batchError{Status: "error", Category: "VALIDATION_ERROR", Message: ref.detail, Context: map[string][]string{"objectWriteTraceId": {i.ObjectWriteTraceID}}})
		}
	}
	for n, i := range in.Inputs {
		old := s.find(c.t, i.ID, i.IDProperty)
		switch {
		case invalid[n]:
		case old == nil:
			missing = append(missing, i.ID)
		default:
			records[n] = s.update(c.t, old.ID, i.Properties, s.integration())
		}
	}
	s.touch()
	s.mu.Unlock()
	results := make([]hubSpotObject, 0, len(records))
	for n, r := range records {
		if r != nil {
			results = append(results, s.written(r, c.t, in.Inputs[n].Properties, in.Inputs[n].ObjectWriteTraceID))
		}
	}
	return s.batch(http.StatusOK, started, results, append(errs, notFound(c.t, missing)...)), nil
}

func checkUpdateInputs(t *objectType, inputs []updateInput) *refusal {
	if ref := checkBatchSize(len(inputs)); ref != nil {
		return ref
	}
	seen := make(map[string]bool, len(inputs))
	for _, i := range inputs {
		if seen[i.ID] {
			return refusef(http.StatusBadRequest, "hubspot/duplicate_ids", "Duplicate IDs found in batch input: [%s]. IDs must be unique", i.ID)
		}
		seen[i.ID] = true
		if ref := checkIDProperty(t, i.IDProperty); ref != nil {
			return ref
		}
		if i.Properties == nil {
			return refusef(http.StatusBadRequest, "hubspot/properties", "input %s has no properties", i.ID)
		}
	}
	return nil
}

// batchCreate makes up to 100 records; what it does with invalid ones is as in batchUpdate.
func (s *Sandbox) batchCreate(c *hubSpotCall) (reply, *refusal) {
	started := s.now()
	var in struct {
		Inputs []createInput `json:"inputs"`
	}
	if ref := s.decode(c, batchCreateSchema, &in); ref != nil {
		return reply{}, ref
	}
	if ref := checkBatchSize(len(in.Inputs)); ref != nil {
		return reply{}, ref
	}
	multi := true
	for _, i := range in.Inputs {
		multi = multi && i.ObjectWriteTraceID != ""
	}
	records := make([]*Record, len(in.Inputs))
	var errs []batchError
	s.mu.Lock()
	if !multi {
		for n := range in.Inputs {
			if _, ref := s.checkCreate(c.t, &in.Inputs[n]); ref != nil {
				s.mu.Unlock()
				return reply{}, ref
			}
		}
	}
	for n := range in.Inputs {
		r, ref := s.createChecked(c.t, &in.Inputs[n])
		if ref != nil {
			errs = append(errs, batchError{Status: "error", Category: "VALIDATION_ERROR", Message: ref.detail, Context: map[string][]string{"objectWriteTraceId": {in.Inputs[n].ObjectWriteTraceID}}})
			continue
		}
		records[n] = r
	}
	s.touch()
	s.mu.Unlock()
	results := make([]hubSpotObject, 0, len(records))
	for n, r := range records {
		if r != nil {
			results = append(results, s.written(r, c.t, in.Inputs[n].Properties, in.Inputs[n].ObjectWriteTraceID))
		}
	}
	return s.batch(http.StatusCreated, started, results, errs), nil
}

type associationResult struct {
	From idObject      `json:"from"`
	To   []associateTo `json:"to"`
}

type idObject struct {
	ID string `json:"id"`
}

type associateTo struct {
	ToObjectID       string            `json:"toObjectId"`
	AssociationTypes []associationType `json:"associationTypes"`
}

type associationType struct {
	Category string  `json:"category"`
	TypeID   int     `json:"typeId"`
	Label    *string `json:"label"`
}

// readAssociations answers the records at the other end, for up to 1,000 records at once (docs: associations limits).
func (s *Sandbox) readAssociations(c *hubSpotCall) (reply, *refusal) {
	started := s.now()
	to := lookupType(c.r.PathValue("to"))
	if to == nil {
		return reply{}, refusef(http.StatusBadRequest, "hubspot/object_type", "Unable to infer object type from: %s", c.r.PathValue("to"))
	}
	var in struct {
		Inputs []struct {
			ID    string `json:"id"`
			After string `json:"after"`
		} `json:"inputs"`
	}
	if ref := s.decode(c, "", &in); ref != nil {
		return reply{}, ref
	}
	if n := len(in.Inputs); n == 0 || n > 1000 {
		return reply{}, refusef(http.StatusBadRequest, "hubspot/batch_max", "%d inputs, want 1 to 1000", n)
	}
	results := make([]associationResult, 0, len(in.Inputs))
	var missing []string
	s.mu.Lock()
	for _, i := range in.Inputs {
		r := s.st.Record(c.t.name, i.ID)
		if r == nil || len(r.Associations[to.name]) == 0 {
			missing = append(missing, i.ID)
			continue
		}
		results = append(results, associationsOf(r, to))
	}
	s.mu.Unlock()
	var errs []batchError
	if len(missing) > 0 {
		errs = []batchError{{
			Status: "error", Category: "OBJECT_NOT_FOUND",
			Message: "No " + to.singular + " is associated with " + c.t.singular + " " + strings.Join(missing, ", ") + ".",
			Context: map[string][]string{"fromObjectId": missing, "fromObjectType": {c.t.id}, "toObjectType": {to.id}},
		}}
	}
	return s.batch(http.StatusOK, started, results, errs), nil
}

// associationsOf groups a record's associations by the record at the other end.
func associationsOf(r *Record, to *objectType) associationResult {
	out := associationResult{From: idObject{r.ID}}
	at := map[string]int{}
	for _, a := range r.Associations[to.name] {
		i, ok := at[a.ToID]
		if !ok {
			i = len(out.To)
			at[a.ToID] = i
			out.To = append(out.To, associateTo{ToObjectID: a.ToID})
		}
		out.To[i].AssociationTypes = append(out.To[i].AssociationTypes, associationType{Category: a.Category, TypeID: a.TypeID})
	}
	return out
}

// associateDefault links pairs of records with the unlabelled type.
func (s *Sandbox) associateDefault(c *hubSpotCall) (reply, *refusal) {
	started := s.now()
	to := lookupType(c.r.PathValue("to"))
	if to == nil || associationTypeIDs[[2]string{c.t.name, to.name}] == 0 {
		return reply{}, refusef(http.StatusBadRequest, "hubspot/object_type", "no association from %s to %s", c.t.name, c.r.PathValue("to"))
	}
	var in struct {
		Inputs []struct{ From, To idObject } `json:"inputs"`
	}
	if ref := s.decode(c, "", &in); ref != nil {
		return reply{}, ref
	}
	if ref := checkBatchSize(len(in.Inputs)); ref != nil {
		return reply{}, ref
	}
	type pair struct {
		From idObject       `json:"from"`
		To   idObject       `json:"to"`
		Spec map[string]any `json:"associationSpec"`
	}
	results := []pair{}
	var missing []string
	s.mu.Lock()
	for _, i := range in.Inputs {
		if s.st.Record(c.t.name, i.From.ID) == nil || s.st.Record(to.name, i.To.ID) == nil {
			missing = append(missing, i.From.ID)
			continue
		}
		s.associate(Link{c.t.name, i.From.ID}, Link{to.name, i.To.ID}, 0, "")
		results = append(results, pair{i.From, i.To, map[string]any{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": associationTypeIDs[[2]string{c.t.name, to.name}]}})
	}
	s.touch()
	s.mu.Unlock()
	return s.batch(http.StatusOK, started, results, notFound(c.t, missing)), nil
}
