package sandbox

import (
	"net/http"
	"slices"
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
	// refused is the rule that the input broke, nil where the input merely led to nothing.
	refused *refusal
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

func checkBatchSize(n int) *refusal { return checkInputs(n, hubSpotBatchMax) }

func checkInputs(n, limit int) *refusal {
	switch {
	case n == 0:
		return refusef(http.StatusBadRequest, "hubspot/batch_min", "The inputs of a batch must not be empty")
	case n > limit:
		return refusef(http.StatusBadRequest, "hubspot/batch_max", "Batch size %d exceeds the maximum of %d inputs", n, limit)
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
	ids := make([]string, len(in.Inputs))
	for n, i := range in.Inputs {
		ids[n] = i.ID
	}
	found, missing, defs := s.findAll(c.t, ids, in.IDProperty)
	results := make([]hubSpotObject, 0, len(found))
	for _, r := range found {
		o := present(r, c.t, defs, in.Properties, r.UpdatedAt)
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

// findAll returns each record once, in the order asked for, the ids that lead to none, and the definitions of the
// type's properties.
func (s *Sandbox) findAll(t *objectType, ids []string, idProperty string) (found []*Record, missing []string, defs map[string]*Property) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		r := s.find(t, id, idProperty)
		switch {
		case r == nil:
			missing = append(missing, id)
		case !seen[r.ID]:
			seen[r.ID] = true
			found = append(found, r)
		}
	}
	return found, missing, s.st.properties[t.name]
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
	records, errs, ref := s.updateAll(c.t, in.Inputs)
	if ref != nil {
		return reply{}, ref
	}
	s.recordFailed(c, errs)
	results := make([]hubSpotObject, 0, len(records))
	for n, r := range records {
		if r != nil {
			results = append(results, s.written(r, c.t, in.Inputs[n].Properties, in.Inputs[n].ObjectWriteTraceID))
		}
	}
	return s.batch(http.StatusOK, started, results, errs), nil
}

// updateAll returns the new version of each input's record, nil where it failed.
func (s *Sandbox) updateAll(t *objectType, inputs []updateInput) ([]*Record, []batchError, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(inputs, func(i updateInput) bool { return i.ObjectWriteTraceID == "" }) {
		for _, i := range inputs {
			if ref := s.checkWrite(t, i.ID, i.Properties); ref != nil {
				return nil, nil, ref
			}
		}
	}
	records := make([]*Record, len(inputs))
	var errs []batchError
	var missing []string
	for n, i := range inputs {
		if s.st.Record(t.name, i.ID) == nil {
			missing = append(missing, i.ID)
		} else if ref := s.checkWrite(t, i.ID, i.Properties); ref != nil {
			errs = append(errs, failedInput(ref, i.ObjectWriteTraceID))
		} else {
			records[n] = s.update(t, i.ID, i.Properties, s.integration())
		}
	}
	s.touch()
	return records, append(errs, notFound(t, missing)...), nil
}

// failedInput is the entry of an input that failed alone.
func failedInput(ref *refusal, trace string) batchError {
	return batchError{Status: "error", Category: ref.hubSpotCategory(), Message: ref.detail, Context: map[string][]string{"objectWriteTraceId": {trace}}, refused: ref}
}

// recordFailed keeps the first refusal of a batch that went on without the inputs that broke a rule.
func (s *Sandbox) recordFailed(c *hubSpotCall, errs []batchError) {
	for _, e := range errs {
		if e.refused != nil {
			s.recordRefusal(HubSpot, c.r, e.refused, c.body)
			return
		}
	}
}

func checkUpdateInputs(t *objectType, inputs []updateInput) *refusal {
	if ref := checkBatchSize(len(inputs)); ref != nil {
		return ref
	}
	seen := make(map[string]bool, len(inputs))
	for _, i := range inputs {
		switch {
		case i.IDProperty != "":
			// A contact's email names a record to batch/read and batch/upsert alone.
			return refusef(http.StatusBadRequest, "hubspot/id_property", "Unable to perform update/upsert by non-unique %s property %s", t.id, i.IDProperty)
		case seen[i.ID]:
			return refusef(http.StatusBadRequest, "hubspot/duplicate_ids", "Duplicate IDs found in batch input: [%s]. IDs must be unique", i.ID)
		case len(i.Properties) == 0:
			return errNoProperties
		}
		seen[i.ID] = true
	}
	return nil
}

// batchCreate makes up to 100 records; what it does with invalid ones is as in batchUpdate.
func (s *Sandbox) batchCreate(c *hubSpotCall) (reply, *refusal) {
	started := s.now()
	var in struct {
		Inputs []createInput `json:"inputs"`
	}
	if ref := s.decode(c, "", &in); ref != nil {
		return reply{}, ref
	}
	if ref := checkBatchSize(len(in.Inputs)); ref != nil {
		return reply{}, ref
	}
	records, errs, ref := s.createAll(c.t, in.Inputs)
	if ref != nil {
		return reply{}, ref
	}
	s.recordFailed(c, errs)
	results := make([]hubSpotObject, 0, len(records))
	for n, r := range records {
		if r != nil {
			results = append(results, s.written(r, c.t, in.Inputs[n].Properties, in.Inputs[n].ObjectWriteTraceID))
		}
	}
	return s.batch(http.StatusCreated, started, results, errs), nil
}

// createAll returns the record of each input, nil where it failed.
func (s *Sandbox) createAll(t *objectType, inputs []createInput) ([]*Record, []batchError, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(inputs, func(i createInput) bool { return i.ObjectWriteTraceID == "" }) {
		for n := range inputs {
			if _, ref := s.checkCreate(t, &inputs[n]); ref != nil {
				return nil, nil, ref
			}
		}
	}
	records := make([]*Record, len(inputs))
	var errs []batchError
	for n := range inputs {
		r, ref := s.createChecked(t, &inputs[n])
		if ref != nil {
			errs = append(errs, failedInput(ref, inputs[n].ObjectWriteTraceID))
			continue
		}
		records[n] = r
	}
	s.touch()
	return records, errs, nil
}

// batchArchive deletes up to 100 records; like HubSpot it says nothing of those that were not there.
func (s *Sandbox) batchArchive(c *hubSpotCall) (reply, *refusal) {
	var in struct {
		Inputs []idObject `json:"inputs"`
	}
	if ref := s.decode(c, "", &in); ref != nil {
		return reply{}, ref
	}
	if ref := checkBatchSize(len(in.Inputs)); ref != nil {
		return reply{}, ref
	}
	for _, i := range in.Inputs {
		_ = s.Archive(c.t.name, i.ID)
	}
	return reply{status: http.StatusNoContent}, nil
}
