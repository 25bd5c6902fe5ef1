//go:build wasmtime && (linux || darwin) && amd64

// The way between Go and wasmtime that has to be C: callbacks, and calls that should
// cross the border once.

#include "wasmtime_api.h"
#include "_cgo_export.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// The instance that this thread is instantiating: the memory creator is the engine's
// and is not told for whom it creates.
static __thread vt_guest *creating;

static uint8_t *memory_get(void *env, size_t *size, size_t *capacity) {
  return (uint8_t *)vitrineMemoryGet((uintptr_t)env, size, capacity);
}

static wasmtime_error_t *memory_grow(void *env, size_t size) {
  return vitrineMemoryGrow((uintptr_t)env, size) ? NULL : wasmtime_error_new("over the limit");
}

static wasmtime_error_t *memory_new(void *env, const wasm_memorytype_t *ty, size_t min, size_t max,
                                    size_t reserved, size_t guard, wasmtime_linear_memory_t *out) {
  if (!vitrineMemoryNew(creating->self, min, max, reserved, guard))
    return wasmtime_error_new("no address space for linear memory");
  out->env = (void *)creating->self;
  out->get_memory = memory_get;
  out->grow_memory = memory_grow;
  out->finalizer = NULL; // whoever made the System releases its memory
  return NULL;
}

// stack_for_guests is how much of a thread's stack guests get, which wasmtime takes on
// trust: 3 MiB where threads have the usual 8, so that a host function may call a guest
// of another plugin and have some left.
static size_t stack_for_guests(void) {
  pthread_attr_t attr;
  size_t size = 0;
  if (pthread_attr_init(&attr) == 0) {
    pthread_attr_getstacksize(&attr, &size); // what Go's threads get as well
    pthread_attr_destroy(&attr);
  }
  if (size < 1 << 19)
    size = 1 << 19;
  if (size > 8 << 20)
    size = 8 << 20;
  return size / 8 * 3;
}

// Where RUST_BACKTRACE is set, every trap would have the thread's whole stack written down with files and
// lines: 0.3 s for the first, and as long as the guest's stack is deep for each. It is
// set before there are threads, and Go and its children do not see it.
__attribute__((constructor)) static void no_backtraces(void) { setenv("RUST_LIB_BACKTRACE", "0", 0); }

wasm_engine_t *vt_engine(void) {
  wasm_config_t *c = wasm_config_new();
  wasmtime_memory_creator_t creator = {NULL, memory_new, NULL};
  wasmtime_config_host_memory_creator_set(c, &creator);
  wasmtime_config_memory_init_cow_set(c, false); // wasmtime aborts on it in memory that is not its own
  wasmtime_config_strategy_set(c, 1); // Cranelift, never Winch
  wasmtime_config_max_wasm_stack_set(c, stack_for_guests());
  wasmtime_config_parallel_compilation_set(c, false); // one plugin, one core
  // WebAssembly 2.0, as wazero has it.
  wasmtime_config_wasm_multi_value_set(c, true);
  wasmtime_config_wasm_bulk_memory_set(c, true);
  wasmtime_config_wasm_reference_types_set(c, true);
  wasmtime_config_wasm_simd_set(c, true);
  // Nothing later.
  wasmtime_config_wasm_relaxed_simd_set(c, false);
  wasmtime_config_wasm_threads_set(c, false);
  wasmtime_config_wasm_tail_call_set(c, false);
  wasmtime_config_wasm_function_references_set(c, false);
  wasmtime_config_wasm_gc_set(c, false);
  wasmtime_config_wasm_multi_memory_set(c, false);
  wasmtime_config_wasm_memory64_set(c, false);
  wasmtime_config_wasm_wide_arithmetic_set(c, false);
  wasmtime_config_wasm_exceptions_set(c, false);
  wasmtime_config_wasm_custom_page_sizes_set(c, false);
  wasmtime_config_wasm_stack_switching_set(c, false);
  wasmtime_config_wasm_component_model_set(c, false);
  return wasm_engine_new_with_config(c); // takes c
}

static void types(wasm_valtype_vec_t *v, const uint8_t *kinds, size_t n) {
  wasm_valtype_vec_new_uninitialized(v, n);
  for (size_t i = 0; i < n; i++)
    v->data[i] = wasm_valtype_new(kinds[i]);
}

wasm_functype_t *vt_functype(const uint8_t *params, size_t np, const uint8_t *results, size_t nr) {
  wasm_valtype_vec_t p, r;
  types(&p, params, np);
  types(&r, results, nr);
  return wasm_functype_new(&p, &r); // takes both
}

// The store's data is the guest.
static vt_guest *guest_of(wasmtime_caller_t *caller) {
  return wasmtime_context_get_data(wasmtime_caller_context(caller));
}

// stop ends the call: the host has said why.
static wasm_trap_t *stop(vt_guest *g) {
  g->stopped = true;
  return wasmtime_trap_new("host", 4);
}

static void leave(vt_guest *g) {
  for (int i = 0; g->metered && i < 2; i++)
    g->left[i] = vt_get(g, &g->tank[i]);
}

static void enter(vt_guest *g) {
  for (int i = 0; g->metered && i < 2; i++)
    vt_set(g, &g->tank[i], 1, g->left[i]);
}

// host_call is every import but one; env is which. What it costs goes out of the tank.
static wasm_trap_t *host_call(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *vals, size_t n) {
  vt_guest *g = guest_of(caller);
  leave(g);
  bool goes_on = vitrineHostCall(g->self, (uintptr_t)env, vals);
  enter(g);
  return goes_on ? NULL : stop(g);
}

// refuel_call is the import that metered code comes out to. In the start section the
// instance is not there yet, so the globals are the caller's.
static wasm_trap_t *refuel_call(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *vals, size_t n) {
  vt_guest *g = guest_of(caller);
  const vt_tank *t = env;
  for (int i = 0; !g->metered && i < 2; i++) {
    wasmtime_extern_t e;
    if (!wasmtime_caller_export_get(caller, t->name[i], t->len[i], &e) || e.kind != 1)
      return wasmtime_trap_new("no tank", 7);
    g->tank[i] = e.of.global;
    wasmtime_extern_delete(&e);
  }
  g->metered = true;
  leave(g);
  if (!vitrineRefuel(g->self))
    return stop(g);
  enter(g);
  return NULL;
}

wasmtime_error_t *vt_define(wasmtime_linker_t *l, const char *module, size_t ml, const char *name, size_t nl,
                            const wasm_functype_t *ty, uintptr_t index) {
  return wasmtime_linker_define_func_unchecked(l, module, ml, name, nl, ty, host_call, (void *)index, NULL);
}

wasmtime_error_t *vt_define_refuel(wasmtime_linker_t *l, const char *module, size_t ml, const char *name, size_t nl,
                                   const wasm_functype_t *ty, const vt_tank *t) {
  return wasmtime_linker_define_func_unchecked(l, module, ml, name, nl, ty, refuel_call, (void *)t, NULL);
}

vt_guest *vt_new(wasm_engine_t *e, uintptr_t self) {
  vt_guest *g = calloc(1, sizeof *g);
  if (!g)
    return NULL;
  g->self = self;
  g->store = wasmtime_store_new(e, g, NULL);
  g->ctx = wasmtime_store_context(g->store);
  wasmtime_store_limiter(g->store, -1, -1, 1, -1, 1); // one instance, one memory; their sizes are limited elsewhere
  return g;
}

void vt_free(vt_guest *g) {
  wasmtime_store_delete(g->store);
  free(g);
}

static uint32_t copy(char *dst, size_t room, const wasm_byte_vec_t *v) {
  size_t n = v->size < room ? v->size : room;
  memcpy(dst, v->data, n);
  return (uint32_t)n;
}

void vt_error(wasmtime_error_t *err, vt_end *end) {
  wasm_byte_vec_t text;
  end->how = VT_ERROR;
  wasmtime_error_message(err, &text);
  end->text_len = copy(end->text, sizeof end->text, &text);
  wasm_byte_vec_delete(&text);
  wasmtime_error_delete(err);
}

// caller is the innermost function that is the guest's own: metering adds some, which all
// have the name that wazero.go calls helperName.
static const wasm_frame_t *caller(const wasm_frame_vec_t *trace) {
  static const char helper[] = "vitrine:meter";
  for (size_t i = 0; i < trace->size; i++) {
    const wasm_byte_vec_t *name = wasmtime_frame_func_name(trace->data[i]);
    if (!name || name->size != sizeof helper - 1 || memcmp(name->data, helper, name->size) != 0)
      return trace->data[i];
  }
  return NULL;
}

static void trapped(wasm_trap_t *trap, vt_end *end) {
  end->how = VT_TRAP;
  end->has_code = wasmtime_trap_code(trap, &end->code);
  end->name_len = end->text_len = 0;
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  const wasm_frame_t *f = caller(&trace);
  end->func = f ? wasm_frame_func_index(f) : UINT32_MAX;
  const wasm_byte_vec_t *name = f ? wasmtime_frame_func_name(f) : NULL;
  if (name)
    end->name_len = copy(end->name, sizeof end->name, name);
  wasm_frame_vec_delete(&trace);
  if (!end->has_code) {
    wasm_byte_vec_t text;
    wasm_trap_message(trap, &text);
    end->text_len = copy(end->text, sizeof end->text, &text);
    wasm_byte_vec_delete(&text);
  }
  wasm_trap_delete(trap);
}

// ended says what ended a call. If it was the host, it knows why, and nobody asks wasmtime, which
// would write down every frame of a stack that may be deep.
static void ended(vt_guest *g, wasmtime_error_t *err, wasm_trap_t *trap) {
  if (trap && g->stopped) {
    g->end.how = VT_STOPPED;
    wasm_trap_delete(trap);
  } else if (err)
    vt_error(err, &g->end);
  else if (trap)
    trapped(trap, &g->end);
  else
    g->end.how = VT_OK;
}

void vt_instantiate(vt_guest *g, const wasmtime_instance_pre_t *pre, const vt_tank *t) {
  wasm_trap_t *trap = NULL;
  creating = g;
  g->stopped = false;
  wasmtime_error_t *err = wasmtime_instance_pre_instantiate(pre, g->ctx, &g->instance, &trap);
  ended(g, err, trap);
  if (t && g->end.how == VT_OK && !g->metered)
    g->metered = vt_global(g, t->name[0], t->len[0], &g->tank[0]) && vt_global(g, t->name[1], t->len[1], &g->tank[1]);
  leave(g);
}

void vt_call(vt_guest *g, const wasmtime_func_t *f, wasmtime_val_raw_t *vals, size_t n) {
  wasm_trap_t *trap = NULL;
  g->stopped = false;
  enter(g);
  wasmtime_error_t *err = wasmtime_func_call_unchecked(g->ctx, f, vals, n, &trap);
  ended(g, err, trap);
  leave(g);
}

// export_of finds an export of one kind, which owns nothing: a function or a global.
static bool export_of(vt_guest *g, const char *name, size_t len, uint8_t kind, wasmtime_extern_t *e) {
  if (!wasmtime_instance_export_get(g->ctx, &g->instance, name, len, e))
    return false;
  if (e->kind == kind)
    return true;
  wasmtime_extern_delete(e);
  return false;
}

bool vt_func(vt_guest *g, const char *name, size_t len, wasmtime_func_t *out) {
  wasmtime_extern_t e;
  bool ok = export_of(g, name, len, 0, &e);
  if (ok)
    *out = e.of.func;
  return ok;
}

bool vt_global(vt_guest *g, const char *name, size_t len, wasmtime_global_t *out) {
  wasmtime_extern_t e;
  bool ok = export_of(g, name, len, 1, &e);
  if (ok)
    *out = e.of.global;
  return ok;
}

uint64_t vt_get(vt_guest *g, const wasmtime_global_t *global) {
  wasmtime_val_t v;
  wasmtime_global_get(g->ctx, global, &v);
  return v.kind == 0 || v.kind == 2 ? (uint32_t)v.of.i32 : (uint64_t)v.of.i64;
}

void vt_set(vt_guest *g, const wasmtime_global_t *global, uint8_t kind, uint64_t bits) {
  wasmtime_val_t v;
  v.kind = kind;
  v.of.i64 = (int64_t)bits;
  wasmtime_error_t *err = wasmtime_global_set(g->ctx, global, &v);
  if (err) // of another type, or immutable: the module says otherwise
    wasmtime_error_delete(err);
}
