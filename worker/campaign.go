package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// campaignPatience is how long Temporal may take to begin a campaign or to wake one.
const campaignPatience = 10 * time.Second

func campaignCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "campaign",
		Short: "List the campaigns of relational programs, and start, pause, resume or cancel them",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	file := cmd.PersistentFlags().StringP("config", "c", defaultConfig, "the configuration file")
	list := &cobra.Command{Use: "list [PROGRAM]", Short: "List campaigns, the latest first", Args: atMostOneProgram}
	asJSON := list.Flags().Bool("json", false, "print objects, one a line")
	list.RunE = func(cmd *cobra.Command, args []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			campaigns, err := a.store.Campaigns(cmd.Context(), strings.Join(args, ""))
			if err != nil {
				return err
			}
			return writeCampaigns(cmd.OutOrStdout(), campaigns, *asJSON)
		})
	}
	act := func(use, short string, do func(*app, context.Context, string) (string, error)) *cobra.Command {
		return &cobra.Command{Use: use + " PROGRAM", Short: short, Args: oneCampaignProgram, RunE: func(cmd *cobra.Command, args []string) error {
			return withApp(cmd.Context(), *file, func(a *app) error {
				said, err := do(a, cmd.Context(), args[0])
				if err == nil {
					fmt.Fprintln(cmd.OutOrStdout(), said)
				}
				return err
			})
		}}
	}
	cmd.AddCommand(list,
		act("start", "Begin a campaign now, besides those of the program's calendar", (*app).startCampaign),
		act("pause", "Stop the mails of a program until it is resumed", (*app).pauseCampaign),
		act("resume", "Have a paused program mail again", (*app).resumeProgram),
		act("cancel", "End the campaign under way: who was not mailed is not asked", (*app).cancelCampaign),
	)
	return cmd
}

func atMostOneProgram(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("%w: %s takes at most one program", errUsage, cmd.CommandPath())
	}
	return nil
}

func oneCampaignProgram(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: %s takes one program, as cxloop campaign list shows them", errUsage, cmd.CommandPath())
	}
	return nil
}

// startCampaign triggers the program's schedule.
func (a *app) startCampaign(ctx context.Context, program string) (said string, err error) {
	if err := a.wantRelational(program); err != nil {
		return "", err
	}
	under, err := a.campaignUnderWay(ctx, program)
	if err != nil {
		return "", err
	}
	if under != nil {
		return "", fmt.Errorf("a campaign of %s is under way since %s: none begins before it has ended", program, shownTime(under.StartedAt))
	}
	err = a.withTemporal(ctx, func(ctx context.Context, c client.Client) error {
		return c.ScheduleClient().GetHandle(ctx, workflows.CampaignScheduleID(program)).Trigger(ctx, client.ScheduleTriggerOptions{})
	})
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return "", fmt.Errorf("program %s has no schedule in Temporal yet: run cxloop setup", program)
	}
	return "It begins: cxloop campaign list shows how it goes.", err
}

// pauseCampaign also stops programs whose campaign goes on after they were taken out of the
// configuration.
func (a *app) pauseCampaign(ctx context.Context, program string) (said string, err error) {
	under, err := a.campaignUnderWay(ctx, program)
	if err != nil {
		return "", err
	}
	if under == nil {
		if err := a.wantRelational(program); err != nil {
			return "", err
		}
	}
	return "It stops within a minute: nobody more is asked, and mails and reminders of batches under way wait too. Answers are taken. A new campaign of its calendar would begin, and wait.",
		a.store.PauseProgram(ctx, program, a.clock.Now())
}

// cancelCampaign ends it in the store, which is what counts, and wakes its workflow, which
// would find out by itself where somebody reads its CRM still.
func (a *app) cancelCampaign(ctx context.Context, program string) (said string, err error) {
	under, err := a.campaignUnderWay(ctx, program)
	if err != nil {
		return "", err
	}
	if under == nil {
		return "", fmt.Errorf("program %s has no campaign under way: cxloop campaign list shows those there were", program)
	}
	if err := a.store.CancelCampaign(ctx, under.ID, a.clock.Now()); err != nil {
		return "", err
	}
	_, _, run, _ := survey.ParseCampaignID(under.ID)
	err = a.withTemporal(ctx, func(ctx context.Context, c client.Client) error {
		return c.SignalWorkflow(ctx, workflows.CampaignWorkflowID(program, run), "", workflows.CampaignChangedSignal, nil)
	})
	if err != nil {
		a.log.Warn("the campaign is cancelled, but its workflow could not be woken and ends later", "campaign", under.ID, "error", err)
	}
	return "It is cancelled: who was not mailed yet is not asked. Who was may answer.", nil
}

// campaignUnderWay is a program's campaign that has not ended, nil where there is none.
func (a *app) campaignUnderWay(ctx context.Context, program string) (*store.Campaign, error) {
	campaigns, err := a.store.Campaigns(ctx, program)
	if err != nil {
		return nil, err
	}
	for _, c := range campaigns {
		if !c.State.Ended() {
			return &c, nil
		}
	}
	return nil, nil
}

func (a *app) wantRelational(program string) error {
	p, ok := a.programs.Configured(program)
	switch {
	case !ok:
		return fmt.Errorf("no program %s is configured", program)
	case p.Kind != survey.Relational:
		return fmt.Errorf("program %s is %s: only relational programs have campaigns", program, p.Kind)
	}
	return nil
}

// withTemporal does something that takes a moment.
func (a *app) withTemporal(ctx context.Context, do func(context.Context, client.Client) error) error {
	c, err := temporalClient(a.config, a.log)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, campaignPatience)
	defer cancel()
	return do(ctx, c)
}

// shownCampaign is a campaign for scripts. Times are scaled.
type shownCampaign struct {
	ID          string                         `json:"id"`
	Program     string                         `json:"program"`
	State       survey.CampaignState           `json:"state"`
	Paused      bool                           `json:"paused"`
	Read        int                            `json:"read"`
	Waiting     int                            `json:"waiting"`
	Dropped     int                            `json:"dropped"`
	Invitations map[survey.InvitationState]int `json:"invitations"`
	StartedAt   time.Time                      `json:"started_at"`
	EndedAt     time.Time                      `json:"ended_at,omitzero"`
}

func writeCampaigns(out io.Writer, campaigns []store.Campaign, asJSON bool) error {
	if asJSON {
		lines := json.NewEncoder(out)
		for _, c := range campaigns {
			shown := shownCampaign{c.ID, c.Program, c.State, c.Paused, c.Read, c.Waiting, c.Dropped, c.Invitations, c.StartedAt, c.EndedAt}
			if err := lines.Encode(shown); err != nil {
				return err
			}
		}
		return nil
	}
	if len(campaigns) == 0 {
		_, err := fmt.Fprintln(out, "There was no campaign yet.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROGRAM\tSTARTED\tSTATE\tREAD\tWAITING\tDROPPED\tINVITATIONS\tCAMPAIGN")
	for _, c := range campaigns {
		state := string(c.State)
		if c.Paused && !c.State.Ended() {
			state += ", paused"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\n", c.Program, shownTime(c.StartedAt), state, c.Read, c.Waiting, c.Dropped,
			invitationCounts(c.Invitations), c.ID)
	}
	return table.Flush()
}

func shownTime(t time.Time) string { return t.UTC().Format(time.DateTime) }

// invitationCounts writes how many there are of each state, "none" where there are none.
func invitationCounts(invitations map[survey.InvitationState]int) string {
	var counts []string
	for _, state := range slices.Sorted(maps.Keys(invitations)) {
		counts = append(counts, fmt.Sprintf("%d %s", invitations[state], state))
	}
	if len(counts) == 0 {
		return "none"
	}
	return strings.Join(counts, ", ")
}
