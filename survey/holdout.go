package survey

import "time"

// Draw is what chance decided about a customer whose score is in the middle. The zero one
// decided nothing.
type Draw struct {
	// Share is the part that is held out, above 0.
	Share float64
	// Held: no case is opened, so that what comes of such customers can be compared.
	Held bool
}

// ComplaintSpan is for how long after a customer complained elsewhere nothing is drawn.
const ComplaintSpan = 90 * 24 * time.Hour

// DrawOf draws whether the customer of a response is held out. Nothing is drawn where there
// is another reason for a case than a score in the middle, or the comment is angry. Whether
// there is or was a case, or a complaint elsewhere, others see to. A hash of contact and
// program decides: it is the same each time, in every version of the program with that
// share, and has nothing to do with samples and variants.
func (p Program) DrawOf(r Response, origin CaseOrigin) Draw {
	share := p.FollowUp.Case.HoldOut
	if share == 0 || origin != OriginPassive || r.Reading.Tone == Angry {
		return Draw{}
	}
	return Draw{Share: share, Held: hashed("holdout", p.ID, r.ContactKey) < share}
}
