package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"tidewater/gateway/limit"
	"tidewater/gateway/proxy"
)

func main() {
	settings, err := settingsFrom(os.Getenv)
	if err != nil {
		slog.Error("cannot start", "error", err)
		os.Exit(2)
	}
	handler := limit.PerClient(settings.RequestsPerSecond, settings.Burst)(proxy.New(settings.Upstreams))
	server := &http.Server{Addr: settings.Address, Handler: handler, ReadHeaderTimeout: 5 * time.Second}

	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	go func() {
		<-stop.Done()
		drained, done := context.WithTimeout(context.Background(), settings.DrainFor)
		defer done()
		if err := server.Shutdown(drained); err != nil {
			slog.Warn("requests were cut off", "error", err)
		}
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		slog.Error("listener failed", "error", err)
		os.Exit(1)
	}
}
