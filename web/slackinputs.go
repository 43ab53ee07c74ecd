package web

import (
	slackgo "github.com/slack-go/slack"

	"github.com/cxloop/cxloop/survey"
)

// The inputs of forms: the ids of their blocks, and of the one element in each.
const (
	inputWho    = "who"
	inputDays   = "days"
	inputDate   = "date"
	inputChoice = "choice"
	inputNote   = "note"
)

// maxOption is the longest text of an option that Slack takes, in characters.
const maxOption = 75

func assignInputs(f formFacts) []slackgo.Block {
	who := slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeUser, nil, inputWho)
	who.InitialUser = f.user
	return []slackgo.Block{input(inputWho, f.words.Who, who)}
}

// snoozeDays are how many days a case is put off at a press, as the form offers them.
var snoozeDays = []struct {
	id   string
	days int
	text func(formWords) string
}{
	{"1", 1, func(w formWords) string { return w.Tomorrow }},
	{"3", 3, func(w formWords) string { return w.ThreeDays }},
	{"7", 7, func(w formWords) string { return w.Week }},
}

func snoozeInputs(f formFacts) []slackgo.Block {
	days := slackgo.NewRadioButtonsBlockElement(inputDays)
	for _, d := range snoozeDays {
		days.Options = append(days.Options, option(d.id, d.text(f.words)))
	}
	days.InitialOption = days.Options[0]
	return []slackgo.Block{
		input(inputDays, f.words.Until, days),
		input(inputDate, f.words.OrDate, slackgo.NewDatePickerBlockElement(inputDate)).WithOptional(true),
	}
}

func resolveInputs(f formFacts) []slackgo.Block {
	return endInputs(f, f.words.Cause, f.program.CaseCauses())
}

func rejectInputs(f formFacts) []slackgo.Block {
	return endInputs(f, f.words.Reason, survey.RejectReasons)
}

func endInputs(f formFacts, label string, choices []survey.Option) []slackgo.Block {
	choice := slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeStatic, plainText(f.words.Choose), inputChoice)
	for _, c := range choices {
		choice.Options = append(choice.Options, option(c.ID, c.Text.In(f.locale)))
	}
	note := slackgo.NewPlainTextInputBlockElement(nil, inputNote).WithMultiline(true).WithMaxLength(survey.MaxNote)
	return []slackgo.Block{
		input(inputChoice, label, choice),
		input(inputNote, f.words.Note, note).WithOptional(true),
	}
}

func input(id, label string, element slackgo.BlockElement) *slackgo.InputBlock {
	return slackgo.NewInputBlock(id, plainText(label), nil, element)
}

func option(id, text string) *slackgo.OptionBlockObject {
	if runes := []rune(text); len(runes) > maxOption {
		text = string(runes[:maxOption-1]) + "…"
	}
	return slackgo.NewOptionBlockObject(id, plainText(text), nil)
}

func saying(text string) slackgo.Block { return slackgo.NewSectionBlock(plainText(text), nil, nil) }

func plainText(text string) *slackgo.TextBlockObject {
	return slackgo.NewTextBlockObject(slackgo.PlainTextType, text, false, false)
}
