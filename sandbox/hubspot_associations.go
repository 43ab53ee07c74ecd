package sandbox

import (
	"net/http"
	"strings"
)

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

// associationsBatchMax is how many records' associations can be read at once (docs: associations, limits).
const associationsBatchMax = 1000

// readAssociations answers the records at the other end.
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
	if ref := checkInputs(len(in.Inputs), associationsBatchMax); ref != nil {
		return reply{}, ref
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

var primaryLabel = "Primary"

// associationsOf groups a record's associations by the record at the other end.
func associationsOf(r *Record, to *objectType) associationResult {
	out := associationResult{From: idObject{r.ID}}
	index := map[string]int{}
	for _, a := range r.Associations[to.name] {
		i, ok := index[a.ToID]
		if !ok {
			i = len(out.To)
			index[a.ToID] = i
			out.To = append(out.To, associateTo{ToObjectID: a.ToID})
		}
		at := associationType{Category: a.Category, TypeID: a.TypeID}
		if a.TypeID == primaryTypeIDs[[2]string{r.Type, to.name}] {
			at.Label = &primaryLabel
		}
		out.To[i].AssociationTypes = append(out.To[i].AssociationTypes, at)
	}
	return out
}

// associateDefault links pairs of records with the unlabelled type.
func (s *Sandbox) associateDefault(c *hubSpotCall) (reply, *refusal) {
	started := s.now()
	to := lookupType(c.r.PathValue("to"))
	if to == nil || associationTypeIDs[[2]string{c.t.name, to.name}] == 0 {
		return reply{}, refusef(http.StatusBadRequest, "hubspot/association_type", "no association from %s to %s", c.t.name, c.r.PathValue("to"))
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
		results = append(results, pair{i.From, i.To, map[string]any{"associationCategory": hubSpotDefined, "associationTypeId": associationTypeIDs[[2]string{c.t.name, to.name}]}})
	}
	s.touch()
	s.mu.Unlock()
	return s.batch(http.StatusOK, started, results, notFound(c.t, missing)), nil
}
