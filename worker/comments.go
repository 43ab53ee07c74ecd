package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/insight/text"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func commentsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "comments [PROGRAM]",
		Short: "Tell what comments are about, and how many complain or praise, from ten comments on",
		Long: "Tell what the comments of a program are about, and how many complain or praise, from ten comments on; without a\n" +
			"program those that nobody asked for. docs/comments.md explains how they are read.",
		Example: "  cxloop comments won-deal-nps --from 2026-07\n  cxloop comments --training",
		Args:    atMostOneProgram,
	}
	file := configFlag(cmd, defaultConfig)
	var from, to string
	cmd.Flags().StringVar(&from, "from", "", "the first day or month, such as 2026-01-15 or 2026-01")
	cmd.Flags().StringVar(&to, "to", "", "the last day or month")
	asJSON := cmd.Flags().Bool("json", false, "print one object")
	training := cmd.Flags().Bool("training", false, "tell instead how the last training of what reads comments went")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		wanted, err := commentsWanted(c, args, from, to)
		if err != nil {
			return err
		}
		return withConfig(cmd.Context(), c, func(a *app) error {
			if *training {
				return a.tellTraining(cmd, *asJSON)
			}
			found, err := a.countComments(cmd.Context(), wanted)
			if err != nil {
				return err
			}
			return printOne(cmd.OutOrStdout(), found, *asJSON)
		})
	}
	return cmd
}

// wantedComments are those that are to be counted; the zero program has feedback counted.
type wantedComments struct {
	program  survey.Program
	from, to time.Time
}

func commentsWanted(c *config.Config, args []string, from, to string) (w wantedComments, err error) {
	if w.program, err = programIn(c, args); err != nil {
		return w, err
	}
	if w.from, w.to, err = parseFromTo(from, to); err != nil {
		return w, err
	}
	if w.program.Anonymous && from+to != "" {
		return w, fmt.Errorf("%w: the comments of %s are anonymous: they are counted all together, without --from and --to", errUsage, w.program.ID)
	}
	return w, nil
}

// The sentiments from which on a comment is said to praise, and below 0 to complain.
const decided = 0.2

// commentCount counts comments.
type commentCount struct{ n, complain, praise int }

func (c *commentCount) add(r survey.Reading) {
	c.n++
	switch {
	case r.Sentiment <= -decided:
		c.complain++
	case r.Sentiment >= decided:
		c.praise++
	}
}

// commentTally counts comments by what they say.
type commentTally struct {
	all               commentCount
	topics, languages map[string]*commentCount
	readers           map[string]bool
	// angry beside a score that is not unhappy, and pleased beside one that is.
	angry, pleased int
}

func newCommentTally() *commentTally {
	return &commentTally{topics: map[string]*commentCount{}, languages: map[string]*commentCount{}, readers: map[string]bool{}}
}

func (t *commentTally) add(c store.ReadComment) {
	t.all.add(c.Reading)
	t.readers[c.By] = true
	addTo(t.languages, cmp.Or(c.Language, unknownLanguage), c.Reading)
	for _, topic := range c.Topics {
		addTo(t.topics, topic, c.Reading)
	}
	switch {
	case c.Tone == survey.Angry && c.Band != "" && !c.Band.Unhappy():
		t.angry++
	case c.Tone == survey.Pleased && c.Band.Unhappy():
		t.pleased++
	}
}

// unknownLanguage is of comments in another one than those that are read.
const unknownLanguage = "other"

func addTo(counts map[string]*commentCount, key string, r survey.Reading) {
	if counts[key] == nil {
		counts[key] = &commentCount{}
	}
	counts[key].add(r)
}

// countComments counts what comments say. Of anonymous programs those are read that may be
// told.
func (a *app) countComments(ctx context.Context, w wantedComments) (comments, error) {
	tally, least := newCommentTally(), survey.MinGroup
	if w.program.Anonymous {
		found, err := a.store.Results(ctx, w.program.ID)
		if err != nil {
			return comments{}, err
		}
		least = cmp.Or(found.Floor, survey.MinGroup)
		if _, _, shown := survey.Disclose(found.Blocks, least); !shown {
			found.Said = nil
		}
		read := a.comments.Reader(ctx)
		for _, said := range found.Said {
			if said.Comment != "" {
				tally.add(store.ReadComment{Reading: read(said.Comment, "")})
			}
		}
	} else if err := a.store.EachReading(ctx, store.CommentFilter{Program: w.program.ID, From: w.from, To: w.to}, tally.add); err != nil {
		return comments{}, err
	}
	return tally.counted(w.program, least, a.config.TopicNames()), nil
}

// counted is what may be shown of a tally: no group of fewer than least.
func (t *commentTally) counted(program survey.Program, least int, names map[string]survey.Words) comments {
	out := comments{Program: program.ID, Least: least, By: slices.Sorted(maps.Keys(t.readers))}
	if t.all.n < least {
		out.Hidden = fmt.Sprintf("fewer than %d comments can be shown", least)
		return out
	}
	out.N, out.Complain, out.Praise = t.all.n, percent(t.all.complain, t.all.n), percent(t.all.praise, t.all.n)
	out.AngryDespiteScore, out.PleasedDespiteScore = atLeast(t.angry, least), atLeast(t.pleased, least)
	out.Topics, out.Languages = t.groups(t.topics, least), t.groups(t.languages, least)
	for i := range out.Topics {
		out.Topics[i].Name = cmp.Or(names[out.Topics[i].ID].In(survey.DefaultLocale), program.CauseText(out.Topics[i].ID, survey.DefaultLocale))
	}
	return out
}

// atLeast hides a number of fewer people.
func atLeast(n, least int) *int {
	if n > 0 && n < least {
		return nil
	}
	return &n
}

func (t *commentTally) groups(counts map[string]*commentCount, least int) []commentGroup {
	var out []commentGroup
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		c, g := counts[id], commentGroup{ID: id}
		if c.n >= least {
			share, complain, praise := percent(c.n, t.all.n), percent(c.complain, c.n), percent(c.praise, c.n)
			g.N, g.Share, g.Complain, g.Praise = c.n, &share, &complain, &praise
		}
		out = append(out, g)
	}
	slices.SortStableFunc(out, func(a, b commentGroup) int { return cmp.Compare(b.N, a.N) })
	return out
}

// tellTraining tells how the models of the last training did.
func (a *app) tellTraining(cmd *cobra.Command, asJSON bool) error {
	all, err := a.store.TextTrainings(cmd.Context(), 1)
	if err != nil {
		return err
	}
	switch {
	case len(all) == 0 && asJSON:
		_, err := fmt.Fprintln(cmd.OutOrStdout(), "null")
		return err
	case len(all) == 0:
		_, err := fmt.Fprintln(cmd.OutOrStdout(), "Nothing was trained yet: the lexicon reads comments. The first training is in the night after cxloop setup.")
		return err
	}
	last := all[0]
	if asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(shownTraining{last.At, last.Version, last.Comments, last.Trials})
	}
	var trials []text.Trial
	if err := json.Unmarshal(last.Trials, &trials); err != nil {
		return fmt.Errorf("the training of %s: %w", last.At.Format(time.RFC3339), err)
	}
	var b strings.Builder
	writeTraining(&b, last, trials)
	_, err = io.WriteString(cmd.OutOrStdout(), b.String())
	return err
}
