;; A guest with 64 MiB of memory, for what is as long as that: exports are named as in probe.wat.
(module
  (import "vitrine:jobs" "start" (func $jobs_start (param i32 i32) (result i32)))
  (import "vitrine:telemetry" "count" (func $telemetry_count (param i32 i32) (result i32)))
  (import "vitrine:assets" "read" (func $assets_read (param i32 i32) (result i32)))
  (memory (export "memory") 1024 1024)
  (func (export "jobs.start") (param i32 i32) (result i32) (call $jobs_start (local.get 0) (local.get 1)))
  (func (export "telemetry.count") (param i32 i32) (result i32) (call $telemetry_count (local.get 0) (local.get 1)))
  (func (export "assets.read") (param i32 i32) (result i32) (call $assets_read (local.get 0) (local.get 1)))
  (func (export "poke") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
)
