package sandbox

import "net/http"

// pipelineStage is one stage of a pipeline as the API answers it.
type pipelineStage struct {
	ID           string            `json:"id"`
	Label        string            `json:"label"`
	DisplayOrder int               `json:"displayOrder"`
	Metadata     map[string]string `json:"metadata"`
	Archived     bool              `json:"archived"`
}

// ticketStages are those of the pipeline of tickets that every account has, whose ids are 1 to 4.
var ticketStages = []pipelineStage{
	{ID: "1", Label: "New", Metadata: map[string]string{"ticketState": "OPEN"}},
	{ID: "2", Label: "Waiting on contact", DisplayOrder: 1, Metadata: map[string]string{"ticketState": "OPEN"}},
	{ID: "3", Label: "Waiting on us", DisplayOrder: 2, Metadata: map[string]string{"ticketState": "OPEN"}},
	{ID: "4", Label: "Closed", DisplayOrder: 3, Metadata: map[string]string{"ticketState": "CLOSED"}},
}

const ticketPipeline = "0"

// getPipeline answers the pipeline of tickets; the stand-in has no other.
func (s *Sandbox) getPipeline(c *hubSpotCall) (reply, *refusal) {
	if id := c.r.PathValue("id"); c.t.name != Tickets || id != ticketPipeline {
		return reply{}, refusef(http.StatusNotFound, "hubspot/pipeline", "Pipeline %q of %s does not exist", id, c.t.name)
	}
	return reply{http.StatusOK, map[string]any{
		"id": ticketPipeline, "label": "Support Pipeline", "displayOrder": 0, "archived": false, "stages": ticketStages,
	}}, nil
}
