package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// testSend is one run of cxloop test-send.
type testSend struct{ to, locale, kind string }

// testKinds are the mails by what --kind calls them.
var testKinds = map[string]string{
	"invitation": store.MailInvite, "reminder": store.MailReminder, "ask": store.MailAsk, "referred": store.MailReferred,
	"review": string(survey.AskReview), "testimonial": string(survey.AskTestimonial),
	"thanks": store.MailThanks, "resurvey": activities.MailResurvey,
}

func testSendCommand() *cobra.Command {
	var o testSend
	cmd := &cobra.Command{
		Use:   "test-send PROGRAM --to ADDRESS",
		Short: "Send one mail of a program to yourself, as customers get it; its links record nothing",
		Args:  oneProgramID,
	}
	file := configFlag(cmd, defaultConfig)
	flags := cmd.Flags()
	flags.StringVar(&o.to, "to", "", "address to send to")
	flags.StringVar(&o.locale, "locale", survey.DefaultLocale, "language of the mail, for example fr; all for one mail in each")
	flags.StringVar(&o.kind, "kind", "invitation", "invitation, reminder, ask (for a referral), referred (thanks for one), review, testimonial, thanks (after a resolved case) or resurvey (weeks after one)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		program, err := programOf(c, args[0])
		if err != nil {
			return err
		}
		locales, err := o.check(program)
		if err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		for _, locale := range locales {
			if err := o.send(cmd.Context(), c, program, locale); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "sent to %s: %s of %s, %s\n", o.to, o.kind, program.ID, locale)
		}
		return nil
	}
	return cmd
}

// check returns the languages to send in.
func (o testSend) check(program survey.Program) (locales []string, err error) {
	if !survey.ValidAddress(o.to) {
		return nil, fmt.Errorf("--to %q: want an e-mail address, for example you@example.com", o.to)
	}
	if _, known := testKinds[o.kind]; !known {
		return nil, fmt.Errorf("--kind %q: want invitation, reminder, ask, referred, review or testimonial", o.kind)
	}
	if !slices.Contains(activities.MailKinds(program), testKinds[o.kind]) {
		return nil, fmt.Errorf("--kind %s: program %s sends none", o.kind, program.ID)
	}
	locales = slices.Sorted(maps.Keys(program.Texts))
	if o.locale == "all" {
		return locales, nil
	}
	_, locale := program.TextsFor(o.locale)
	if nearest, found := survey.Nearest(program.Texts, o.locale); !found || nearest != locale {
		return nil, fmt.Errorf("--locale %q: want %s, or all", o.locale, strings.Join(locales, ", "))
	}
	return []string{locale}, nil
}

// send composes and sends a mail as the activities do, to somebody who is not a contact:
// nothing is read from the store or kept in it.
func (o testSend) send(ctx context.Context, c *config.Config, program survey.Program, locale string) error {
	tokens, err := survey.NewTokens([]byte(c.Security.TokenKey.Reveal()))
	if err != nil {
		return err
	}
	sender, _, err := newMailer(c)
	if err != nil {
		return err
	}
	a := &app{config: c, tokens: tokens}
	to := previewContact
	to.Email, to.Locale = o.to, locale
	m, err := a.composer().TestMail(program, testKinds[o.kind], locale, newID(), to, previewAccount)
	if err != nil {
		return err
	}
	_, err = sender.Deliver(ctx, m)
	return err
}
