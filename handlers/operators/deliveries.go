package operators

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views/operators"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// gitHubPart is the share of a request's time that GitHub may use if stored data is read
// afterwards.
const gitHubPart = respond.GitHubTimeout * 2 / 3

// deliveryOutcomes are the outcomes that stored deliveries can be filtered by.
var deliveryOutcomes = []string{
	operators.OutcomeAny, string(db.DeliveryMissing), string(db.DeliveryFailed), string(db.DeliveryPending),
	string(db.DeliveryApplied), string(db.DeliveryIgnored),
}

// deliveryList is which deliveries a request lists: those that GitHub sent, by cursor, or the
// stored ones with an outcome.
type deliveryList struct {
	cursor  string
	outcome string
	page    input.List
}

func readDeliveryList(c echo.Context) (deliveryList, error) {
	page, err := input.ReadList(c, nil, "")
	if err != nil {
		return deliveryList{}, err
	}
	page.PerPage = cmp.Or(page.PerPage, input.APIPageSize)
	p := web.Query(c)
	params := deliveryList{cursor: p.Text("cursor"), outcome: p.OneOf("outcome", deliveryOutcomes), page: page}
	if params.outcome != "" && params.cursor != "" {
		p.Add("cursor", "is for the list without an outcome")
	}
	return params, p.Err()
}

// recorded is the outcome to filter by; empty for any.
func (l deliveryList) recorded() db.Outcome {
	if l.outcome == operators.OutcomeAny {
		return ""
	}
	return db.Outcome(l.outcome)
}

// Deliveries lists GitHub's recent deliveries with their outcome here or, with an outcome, the
// stored ones. It doesn't show their payloads.
func (h *Handlers) Deliveries(c echo.Context) error {
	params, err := readDeliveryList(c)
	if err != nil {
		return err
	}
	return respond.Choose(c, func() error {
		if params.outcome != "" {
			return h.writeRecordedDeliveries(c, params)
		}
		return h.writeSentDeliveries(c, params)
	}, func() error { return h.showDeliveries(c, params) })
}

func (h *Handlers) showDeliveries(c echo.Context, params deliveryList) (err error) {
	page := operators.DeliveriesPage{
		Outcome: params.outcome, Newest: params.cursor == "" && params.page.Page == 1, WebhookURL: h.webhookURL(), SettingsURL: h.settingsURL(),
	}
	if page.CatchUp, page.Missing, err = h.catchUp(c); err != nil {
		return err
	}
	if !web.IsFragment(c) || web.FragmentName(c) != "catch-up" {
		if err := h.fillDeliveries(c, &page, params); err != nil {
			return err
		}
	}
	return h.show(c, "Deliveries", func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return operators.Deliveries(page)
	})
}

// fillDeliveries lists GitHub's deliveries. If GitHub doesn't respond, or an outcome is
// selected, it lists the stored ones.
func (h *Handlers) fillDeliveries(c echo.Context, page *operators.DeliveriesPage, params deliveryList) error {
	ctx := c.Request().Context()
	if params.outcome == "" {
		list, here, err := h.sentDeliveries(ctx, params.cursor)
		switch {
		case err == nil:
			for _, d := range list.Items {
				page.Items = append(page.Items, present.DeliveryView(d, here[d.GUID]))
			}
			if list.Next != "" {
				page.Older = "/app/deliveries?" + url.Values{"cursor": {list.Next}}.Encode()
			}
			return nil
		case errors.Is(err, github.ErrNoHook):
			page.NoHook = true
			return nil
		case errors.Is(err, github.ErrRefused):
			return operatorError(err, errNoHook)
		}
		httpErr := respond.ToHTTPError(operatorError(err, errNoHook))
		if httpErr.Status == http.StatusInternalServerError {
			return err // not from GitHub
		}
		page.Away = httpErr.Text()
	}
	window := params.page.Window()
	window.Limit++ // one more, to find out whether there are older ones
	list, err := h.DB.ListDeliveries(ctx, params.recorded(), window)
	if err != nil {
		return err
	}
	if len(list) == window.Limit {
		list = list[:window.Limit-1]
		older := url.Values{"outcome": {params.outcome}, "page": {strconv.Itoa(params.page.Page + 1)}}
		if params.outcome == "" {
			older.Set("outcome", operators.OutcomeAny)
		}
		page.Older = "/app/deliveries?" + older.Encode()
	}
	page.Items = openapi.Each(list, present.RecordedDeliveryView)
	return nil
}

// sentDeliveries returns the deliveries that GitHub lists, and what is stored about them.
func (h *Handlers) sentDeliveries(ctx context.Context, cursor string) (list github.DeliveryPage, here map[string]db.Delivery, err error) {
	gitHubCtx, cancel := context.WithTimeout(ctx, gitHubPart)
	defer cancel()
	if list, err = h.GitHub.AsApp().Deliveries(gitHubCtx, cursor); err != nil {
		return github.DeliveryPage{}, nil, err
	}
	here, err = h.DB.ListDeliveriesByGUID(ctx, openapi.Each(list.Items, func(d github.Delivery) string { return d.GUID }))
	return list, here, err
}

func (h *Handlers) writeSentDeliveries(c echo.Context, params deliveryList) error {
	list, here, err := h.sentDeliveries(c.Request().Context(), params.cursor)
	if err != nil {
		return operatorError(err, errNoHook)
	}
	if list.Next != "" {
		c.Response().Header().Set("Link", h.Respond.NextLink(c, url.Values{"cursor": {list.Next}}))
	}
	return c.JSON(http.StatusOK, openapi.Each(list.Items, func(d github.Delivery) openapi.Delivery { return present.ToDelivery(d, here[d.GUID]) }))
}

func (h *Handlers) writeRecordedDeliveries(c echo.Context, params deliveryList) error {
	ctx := c.Request().Context()
	list, err := h.DB.ListDeliveries(ctx, params.recorded(), params.page.Window())
	if err != nil {
		return err
	}
	total, err := h.DB.CountDeliveries(ctx, params.recorded())
	if err != nil {
		return err
	}
	return h.Respond.Value(c, "deliveries", openapi.Each(list, present.ToRecordedDelivery), h.Respond.PageLinks(c, params.page.Page, params.page.PerPage, total))
}
