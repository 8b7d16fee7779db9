package main

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type settings struct {
	Address           string
	RequestsPerSecond float64
	Burst             int
	DrainFor          time.Duration
	Upstreams         map[string]*url.URL
}

func settingsFrom(lookup func(string) string) (settings, error) {
	made := settings{Address: ":8080", RequestsPerSecond: 20, Burst: 40, DrainFor: 15 * time.Second}
	if text := lookup("GATEWAY_ADDRESS"); text != "" {
		made.Address = text
	}
	if text := lookup("GATEWAY_RATE"); text != "" {
		rate, err := strconv.ParseFloat(text, 64)
		if err != nil || rate <= 0 {
			return made, fmt.Errorf("GATEWAY_RATE=%q: want a number above zero", text)
		}
		made.RequestsPerSecond = rate
	}
	made.Upstreams = map[string]*url.URL{}
	for _, pair := range strings.Fields(lookup("GATEWAY_UPSTREAMS")) {
		prefix, target, found := strings.Cut(pair, "=")
		if !found {
			return made, fmt.Errorf("GATEWAY_UPSTREAMS: %q is not prefix=url", pair)
		}
		parsed, err := url.Parse(target)
		if err != nil {
			return made, fmt.Errorf("GATEWAY_UPSTREAMS: %w", err)
		}
		made.Upstreams[prefix] = parsed
	}
	return made, nil
}
