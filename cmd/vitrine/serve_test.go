package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is a running `vitrine serve`.
type server struct {
	t      *testing.T
	cmd    *exec.Cmd
	addr   string
	said   []string // before it listened
	stderr *bufio.Scanner
}

func startServer(t *testing.T, program string, args ...string) *server {
	t.Helper()
	cmd := exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	s := &server{t: t, cmd: cmd, stderr: bufio.NewScanner(pipe)}
	late := time.AfterFunc(3*time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	for s.stderr.Scan() {
		if addr, ok := strings.CutPrefix(s.stderr.Text(), "listening on http://"); ok {
			s.addr = addr
			return s
		}
		s.said = append(s.said, s.stderr.Text())
	}
	t.Fatal("it ended before it listened")
	return nil
}

func (s *server) get(path string) (*http.Response, string) {
	s.t.Helper()
	resp, err := http.Get("http://" + s.addr + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, string(b)
}

func TestServeFolder(t *testing.T) {
	s := startServer(t, "vitrine", "../../host/testdata/desk", "--grant", "ui", "--data", t.TempDir()+"/data")
	if _, body := s.get("/healthz"); body != "ok\n" {
		t.Errorf("healthz says %q", body)
	}
	resp, body := s.get("/")
	for end := time.Now().Add(time.Minute); !strings.Contains(body, "ticket=") && time.Now().Before(end); {
		resp, body = s.get("/") // where the plugin took longer than paintTime, the page comes without it
	}
	if !strings.Contains(body, `<vitrine-plugin place="desk" ticket="{`) || !strings.Contains(body, `<template shadowrootmode="closed">`) ||
		resp.Header.Get("Cache-Control") != "no-store" || !strings.Contains(body, "<h2 id=\"p-desk\">Desk</h2>") {
		t.Errorf("the page is %s", body)
	}
	if !strings.Contains(body, `<link rel="icon" href="/icon.svg"`) {
		t.Error("without an icon browsers ask for /favicon.ico, which is not there")
	}
	if !strings.HasPrefix(resp.Header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'") {
		t.Errorf("its headers are %v", resp.Header)
	}
	for path, status := range map[string]int{
		"/style.css": 200, "/icon.svg": 200, "/demo.js": 404, "/vitrine/vitrine.js": 200, "/nothing": 404, "/vitrine/nothing": 404, "/..%2f..%2fetc/passwd": 404,
	} {
		if resp, _ := s.get(path); resp.StatusCode != status {
			t.Errorf("%s: %s, want %d", path, resp.Status, status)
		}
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}

// SIGHUP reads the folders again; a version that cannot be mounted changes nothing.
func TestServeAgain(t *testing.T) {
	dir := t.TempDir()
	put := func(module, version string) {
		t.Helper()
		wasm, err := os.ReadFile("../../host/testdata/versions/" + module + ".wasm")
		if err != nil {
			t.Fatal(err)
		}
		manifest := `{"apiVersion": "v1", "id": "desk", "name": "Desk", "version": "` + version + `", "runtime": {"wasm": "plugin.wasm"}, "capabilities": ["ui"]}`
		if err := errors.Join(os.WriteFile(filepath.Join(dir, "plugin.wasm"), wasm, 0o600),
			os.WriteFile(filepath.Join(dir, "vitrine.json"), []byte(manifest), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	put("keeper", "1.0.0")
	s := startServer(t, "vitrine", dir, "--grant", "ui", "--cache", "off")
	for _, tt := range []struct{ module, version, says string }{
		{"keeper", "2.0.0", "version=2.0.0"},
		{"broken", "3.0.0", "keeps the old version"},
		{"keeper", "4.0.0", "version=4.0.0"},
	} {
		put(tt.module, tt.version)
		if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		for s.stderr.Scan() && !strings.Contains(s.stderr.Text(), "place=desk") {
		}
		if !strings.Contains(s.stderr.Text(), tt.says) {
			t.Fatalf("%s %s: it says %s", tt.module, tt.version, s.stderr.Text())
		}
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for s.stderr.Scan() { // what is in the pipe must be read before Wait
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}

func TestOriginsOf(t *testing.T) {
	for addr, want := range map[string][]string{
		"127.0.0.1:8080": {"http://127.0.0.1:8080", "http://localhost:8080"},
		"[::1]:8080":     {"http://[::1]:8080", "http://localhost:8080"},
		"0.0.0.0:80":     {"http://localhost", "http://127.0.0.1", "http://[::1]"},
		"[::]:8080":      {"http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"},
		"192.0.2.7:8080": {"http://192.0.2.7:8080"},
	} {
		a, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := originsOf(a); !slices.Equal(got, want) {
			t.Errorf("origins of %s are %v, want %v", addr, got, want)
		}
	}
}
