package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// The most that a survey asks: nobody answers a long one.
const (
	maxQuestions = 10
	maxOptions   = 20
	maxNumbers   = 11 // of a scale, 0 to 10
)

// resolveQuestions puts the causes of the score, the program's own or the template's,
// before the program's questions, and checks them all. ok is false where its mistakes
// leave no program.
func (d *document) resolveQuestions(p *survey.Program, template Template, own *[]survey.Option, at path) (ok bool) {
	causes, places := template.Causes, map[string]path{}
	if own != nil {
		causes = *own
		here := at.join("causes")
		if len(causes) > survey.MaxCauses {
			d.add(here, "%d causes: at most %d are offered", len(causes), survey.MaxCauses)
			return false
		}
		d.checkOptions(*p, causes, here)
	} else if len(causes) > 0 {
		d.checkTemplateCauses(*p, causes[0], at)
	}
	for i, q := range p.Questions {
		here := at.join("questions", strconv.Itoa(i))
		if q.ID == survey.Causes {
			d.add(here.join("id"), "%q is the id of the question that causes makes", q.ID)
		} else if before, known := places[q.ID]; known {
			d.add(here.join("id"), "%q is already the id of %s", q.ID, before)
		}
		places[q.ID] = here
	}
	if len(p.Questions) > maxQuestions {
		d.add(at.join("questions"), "%d questions: at most %d are asked", len(p.Questions), maxQuestions)
	}
	if len(causes) > 0 {
		text := survey.Words{}
		for locale, texts := range p.Texts {
			text[locale] = texts.Causes
		}
		p.Questions = slices.Insert(p.Questions, 0, survey.CausesQuestion(text, causes))
	}
	for i, q := range p.Questions {
		if here, own := places[q.ID]; own {
			d.checkQuestion(*p, q, here)
			d.checkCondition(*p, q.When, p.Questions[:i], here.join("when"))
		}
	}
	return !d.failed(at.join("causes")) && !d.failed(at.join("questions"))
}

// checkTemplateCauses wants the causes of a template in the program's own languages too.
func (d *document) checkTemplateCauses(p survey.Program, cause survey.Option, at path) {
	for _, locale := range slices.Sorted(maps.Keys(p.Texts)) {
		if _, found := survey.Nearest(cause.Text, locale); !found {
			d.add(at.join("causes"), "the template has none in %s: give causes of your own, or [] for none", locale)
			return
		}
	}
}

// checkQuestion looks for what the type of a question wants or has no use for.
func (d *document) checkQuestion(p survey.Program, q survey.Question, at path) {
	choice := q.Type == survey.SingleChoice || q.Type == survey.MultipleChoice
	d.checkWords(p, q.Text, at.join("text"))
	if choice {
		d.checkOptions(p, q.Options, at.join("options"))
		if least := 2; len(q.Options) < least && !(q.Other && len(q.Options) > 0) {
			d.add(at.join("options"), "want at least %d to choose from", least)
		}
	}
	if q.Type == survey.ScaleChoice {
		if n := q.To - q.From + 1; n < 2 || n > maxNumbers {
			d.add(at.join("to"), "the scale from %d to %d has %d numbers: want 2 to %d", q.From, q.To, max(n, 0), maxNumbers)
		}
		for name, words := range map[string]survey.Words{"low": q.Low, "high": q.High} {
			d.checkWords(p, words, at.join(name))
		}
	}
	for _, name := range []string{"options", "other", "shuffle"} {
		if d.value(at.join(name)) != nil && !choice {
			d.addAtKey(at.join(name), "a %s question has no options", q.Type)
		}
	}
	for _, name := range []string{"from", "to", "low", "high"} {
		if d.value(at.join(name)) != nil && q.Type != survey.ScaleChoice {
			d.addAtKey(at.join(name), "only a scale has this, and the question is of type %s", q.Type)
		}
	}
}

func (d *document) checkOptions(p survey.Program, options []survey.Option, at path) {
	if len(options) > maxOptions {
		d.add(at, "%d options: at most %d are offered", len(options), maxOptions)
	}
	known := map[string]bool{}
	for i, o := range options {
		here := at.join(strconv.Itoa(i))
		switch {
		case o.ID == survey.OptionOther:
			d.add(here.join("id"), "%q is the id of the option that other: true adds", o.ID)
		case known[o.ID]:
			d.add(here.join("id"), "%q is already the id of another option", o.ID)
		}
		known[o.ID] = true
		d.checkWords(p, o.Text, here.join("text"))
	}
}

// checkWords wants a text in every language that the program is asked in, so that no
// page is half in another one.
func (d *document) checkWords(p survey.Program, words survey.Words, at path) {
	if len(words) == 0 {
		d.add(at, "is required")
		return
	}
	if missing := missingIn(p, words); len(missing) > 0 {
		d.addAtKey(at, "is missing in %s: want it in all languages of the program, or fewer languages", strings.Join(missing, ", "))
	}
	for _, locale := range slices.Sorted(maps.Keys(words)) {
		if !localePattern.MatchString(locale) {
			d.addAtKey(at.join(locale), "want a language such as fr or fr-CA")
		}
		// The account team reads it too, in Slack.
		if found := textPlaceholder.FindString(words[locale]); found != "" {
			d.add(at.join(locale), "%s is not filled in here: questions are the same for everybody", found)
		}
	}
}

// missingIn are the languages of a program that a text is not in.
func missingIn(p survey.Program, words survey.Words) (missing []string) {
	for _, locale := range slices.Sorted(maps.Keys(p.Texts)) {
		if _, found := survey.Nearest(words, locale); !found {
			missing = append(missing, locale)
		}
	}
	return missing
}

// checkCondition looks for conditions that nobody or everybody can meet by mistake.
func (d *document) checkCondition(p survey.Program, c *survey.Condition, earlier []survey.Question, at path) {
	if c == nil {
		return
	}
	low, high := p.Range()
	var bands []survey.Band
	for score := low; score <= high; score++ {
		if band := p.BandOf(score); !slices.Contains(bands, band) {
			bands = append(bands, band)
		}
	}
	for i, band := range c.Bands {
		if !slices.Contains(bands, band) {
			d.add(at.join("bands", strconv.Itoa(i)), "%s has no band %q: known are %s", p.Metric, band, list(bands))
		}
	}
	if s := c.Score; s != nil && (s.From > s.To || s.From < low || s.To > high) {
		d.add(at.join("score"), "want a range within %d to %d, the lower end first", low, high)
	}
	for _, id := range slices.Sorted(maps.Keys(c.Answers)) {
		here := at.join("answers", id)
		i := slices.IndexFunc(earlier, func(q survey.Question) bool { return q.ID == id })
		if i < 0 {
			d.addAtKey(here, "no question before this one has the id %q", id)
			continue
		}
		values := earlier[i].Values()
		if len(values) == 0 {
			d.addAtKey(here, "a text has no options: want a question that is chosen from")
			continue
		}
		for n, value := range c.Answers[id] {
			if !slices.Contains(values, value) {
				d.add(here.join(strconv.Itoa(n)), "the question %s has no option %q: known are %s", id, value, strings.Join(values, ", "))
			}
		}
	}
}

// list names things in their order.
func list[T ~string](names []T) string {
	var texts []string
	for _, name := range names {
		texts = append(texts, string(name))
	}
	return strings.Join(texts, ", ")
}
