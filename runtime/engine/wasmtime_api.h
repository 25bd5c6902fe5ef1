// What this package uses of wasmtime's C API (version 39), declared here because the
// headers in the wasmtime-go module cannot be included from another module. A test
// compiles wasmtime.c with those headers in place of these declarations.

#ifndef VITRINE_WASMTIME_H
#define VITRINE_WASMTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef VITRINE_REAL_HEADERS
#include <wasmtime.h>
#else

typedef struct wasm_config_t wasm_config_t;
typedef struct wasm_engine_t wasm_engine_t;
typedef struct wasm_valtype_t wasm_valtype_t;
typedef struct wasm_functype_t wasm_functype_t;
typedef struct wasm_memorytype_t wasm_memorytype_t;
typedef struct wasm_frame_t wasm_frame_t;
typedef struct wasm_trap_t wasm_trap_t;
typedef struct wasmtime_error wasmtime_error_t;
typedef struct wasmtime_module wasmtime_module_t;
typedef struct wasmtime_store wasmtime_store_t;
typedef struct wasmtime_context wasmtime_context_t;
typedef struct wasmtime_caller wasmtime_caller_t;
typedef struct wasmtime_linker wasmtime_linker_t;
typedef struct wasmtime_instance_pre wasmtime_instance_pre_t;

typedef struct { size_t size; char *data; } wasm_byte_vec_t;
typedef struct { size_t size; wasm_valtype_t **data; } wasm_valtype_vec_t;
typedef struct { size_t size; wasm_frame_t **data; } wasm_frame_vec_t;

typedef struct { uint64_t store_id; void *priv; } wasmtime_func_t;
typedef struct { uint64_t store_id; uint32_t priv[3]; } wasmtime_global_t;
typedef struct { uint64_t store_id; size_t priv; } wasmtime_instance_t;
typedef struct {
  uint8_t kind; // 0 is a function, 1 a global
  union { wasmtime_func_t func; wasmtime_global_t global; } of;
} wasmtime_extern_t;
typedef struct {
  uint8_t kind; // 0 to 3: i32, i64, f32, f64
  union { int32_t i32; int64_t i64; uint64_t room[3]; } of;
} wasmtime_val_t;
typedef union { int64_t i64; uint8_t v128[16]; } wasmtime_val_raw_t;

typedef struct {
  void *env;
  uint8_t *(*get_memory)(void *env, size_t *size, size_t *capacity);
  wasmtime_error_t *(*grow_memory)(void *env, size_t size);
  void (*finalizer)(void *env);
} wasmtime_linear_memory_t;

typedef struct {
  void *env;
  wasmtime_error_t *(*new_memory)(void *env, const wasm_memorytype_t *ty, size_t min, size_t max,
                                  size_t reserved, size_t guard, wasmtime_linear_memory_t *out);
  void (*finalizer)(void *env);
} wasmtime_memory_creator_t;

typedef wasm_trap_t *(*wasmtime_func_unchecked_callback_t)(void *env, wasmtime_caller_t *caller,
                                                           wasmtime_val_raw_t *vals, size_t n);

wasm_config_t *wasm_config_new(void);
wasm_engine_t *wasm_engine_new_with_config(wasm_config_t *);
void wasm_engine_delete(wasm_engine_t *);

#define BOOL_PROPERTY(name) void wasmtime_config_##name##_set(wasm_config_t *, bool);
BOOL_PROPERTY(parallel_compilation)
BOOL_PROPERTY(memory_init_cow)
BOOL_PROPERTY(wasm_threads)
BOOL_PROPERTY(wasm_tail_call)
BOOL_PROPERTY(wasm_reference_types)
BOOL_PROPERTY(wasm_function_references)
BOOL_PROPERTY(wasm_gc)
BOOL_PROPERTY(wasm_simd)
BOOL_PROPERTY(wasm_relaxed_simd)
BOOL_PROPERTY(wasm_bulk_memory)
BOOL_PROPERTY(wasm_multi_value)
BOOL_PROPERTY(wasm_multi_memory)
BOOL_PROPERTY(wasm_memory64)
BOOL_PROPERTY(wasm_wide_arithmetic)
BOOL_PROPERTY(wasm_exceptions)
BOOL_PROPERTY(wasm_custom_page_sizes)
BOOL_PROPERTY(wasm_stack_switching)
BOOL_PROPERTY(wasm_component_model)
#undef BOOL_PROPERTY
void wasmtime_config_strategy_set(wasm_config_t *, uint8_t);
void wasmtime_config_max_wasm_stack_set(wasm_config_t *, size_t);
void wasmtime_config_host_memory_creator_set(wasm_config_t *, wasmtime_memory_creator_t *);

wasm_valtype_t *wasm_valtype_new(uint8_t kind);
void wasm_valtype_vec_new_uninitialized(wasm_valtype_vec_t *, size_t);
wasm_functype_t *wasm_functype_new(wasm_valtype_vec_t *params, wasm_valtype_vec_t *results);
void wasm_functype_delete(wasm_functype_t *);

wasmtime_error_t *wasmtime_module_new(wasm_engine_t *, const uint8_t *, size_t, wasmtime_module_t **);
void wasmtime_module_delete(wasmtime_module_t *);
wasmtime_error_t *wasmtime_module_serialize(wasmtime_module_t *, wasm_byte_vec_t *);
wasmtime_error_t *wasmtime_module_deserialize(wasm_engine_t *, const uint8_t *, size_t, wasmtime_module_t **);

wasmtime_linker_t *wasmtime_linker_new(wasm_engine_t *);
void wasmtime_linker_delete(wasmtime_linker_t *);
wasmtime_error_t *wasmtime_linker_define_func_unchecked(
    wasmtime_linker_t *, const char *module, size_t module_len, const char *name, size_t name_len,
    const wasm_functype_t *, wasmtime_func_unchecked_callback_t, void *env, void (*finalizer)(void *));
wasmtime_error_t *wasmtime_linker_instantiate_pre(const wasmtime_linker_t *, const wasmtime_module_t *,
                                                  wasmtime_instance_pre_t **);
void wasmtime_instance_pre_delete(wasmtime_instance_pre_t *);
wasmtime_error_t *wasmtime_instance_pre_instantiate(const wasmtime_instance_pre_t *, wasmtime_context_t *,
                                                    wasmtime_instance_t *, wasm_trap_t **);
bool wasmtime_instance_export_get(wasmtime_context_t *, const wasmtime_instance_t *, const char *name,
                                  size_t name_len, wasmtime_extern_t *);
void wasmtime_extern_delete(wasmtime_extern_t *);

wasmtime_store_t *wasmtime_store_new(wasm_engine_t *, void *data, void (*finalizer)(void *));
wasmtime_context_t *wasmtime_store_context(wasmtime_store_t *);
void wasmtime_store_limiter(wasmtime_store_t *, int64_t memory, int64_t table_elements, int64_t instances,
                            int64_t tables, int64_t memories);
void wasmtime_store_delete(wasmtime_store_t *);
void *wasmtime_context_get_data(const wasmtime_context_t *);

wasmtime_error_t *wasmtime_func_call_unchecked(wasmtime_context_t *, const wasmtime_func_t *,
                                               wasmtime_val_raw_t *, size_t n, wasm_trap_t **);
wasmtime_context_t *wasmtime_caller_context(wasmtime_caller_t *);
bool wasmtime_caller_export_get(wasmtime_caller_t *, const char *name, size_t name_len, wasmtime_extern_t *);
void wasmtime_global_get(wasmtime_context_t *, const wasmtime_global_t *, wasmtime_val_t *);
wasmtime_error_t *wasmtime_global_set(wasmtime_context_t *, const wasmtime_global_t *, const wasmtime_val_t *);

wasm_trap_t *wasmtime_trap_new(const char *, size_t);
bool wasmtime_trap_code(const wasm_trap_t *, uint8_t *);
void wasm_trap_message(const wasm_trap_t *, wasm_byte_vec_t *);
void wasm_trap_trace(const wasm_trap_t *, wasm_frame_vec_t *);
void wasm_trap_delete(wasm_trap_t *);
uint32_t wasm_frame_func_index(const wasm_frame_t *);
const wasm_byte_vec_t *wasmtime_frame_func_name(const wasm_frame_t *);
void wasm_frame_vec_delete(wasm_frame_vec_t *);
void wasm_byte_vec_delete(wasm_byte_vec_t *);
wasmtime_error_t *wasmtime_error_new(const char *);
void wasmtime_error_message(const wasmtime_error_t *, wasm_byte_vec_t *);
void wasmtime_error_delete(wasmtime_error_t *);

#endif

#define SAME(type, size) _Static_assert(sizeof(type) == size, #type)
SAME(wasm_byte_vec_t, 16);
SAME(wasm_valtype_vec_t, 16);
SAME(wasmtime_func_t, 16);
SAME(wasmtime_global_t, 24);
SAME(wasmtime_instance_t, 16);
SAME(wasmtime_extern_t, 32);
SAME(wasmtime_val_t, 32);
SAME(wasmtime_val_raw_t, 16);
SAME(wasmtime_linear_memory_t, 32);
SAME(wasmtime_memory_creator_t, 24);
_Static_assert(offsetof(wasmtime_extern_t, of) == 8 && offsetof(wasmtime_val_t, of) == 8, "unions");
#undef SAME

// The functions of wasmtime.c.

// vt_end is how a call ended, in memory that needs no freeing.
typedef struct {
  uint8_t how;       // one of the following
  uint8_t code;      // of a trap
  bool has_code;
  uint32_t func;     // index of the function that trapped
  uint32_t text_len, name_len;
  char text[512];    // of an error, or of a trap without code
  char name[128];    // of the function that trapped
} vt_end;
enum { VT_OK, VT_TRAP, VT_STOPPED, VT_ERROR };

// vt_tank names the two globals of a metered module.
typedef struct {
  const char *name[2]; // fuel and depth
  size_t len[2];
} vt_tank;

// vt_guest is one instance, in a store of its own.
typedef struct {
  uintptr_t self; // the handle that Go knows it by
  wasmtime_store_t *store;
  wasmtime_context_t *ctx;
  wasmtime_instance_t instance;
  bool metered;              // tank is found
  wasmtime_global_t tank[2]; // fuel and depth
  uint64_t left[2];          // what is in them, outside of the guest: every way in and out brings it along
  bool stopped;              // the host has ended the last call
  vt_end end;                // of the last call
} vt_guest;

wasm_engine_t *vt_engine(void);
wasm_functype_t *vt_functype(const uint8_t *params, size_t np, const uint8_t *results, size_t nr);
wasmtime_error_t *vt_define(wasmtime_linker_t *, const char *module, size_t ml, const char *name, size_t nl,
                            const wasm_functype_t *, uintptr_t index);
wasmtime_error_t *vt_define_refuel(wasmtime_linker_t *, const char *module, size_t ml, const char *name, size_t nl,
                                   const wasm_functype_t *, const vt_tank *);
vt_guest *vt_new(wasm_engine_t *, uintptr_t self);
void vt_free(vt_guest *);
void vt_instantiate(vt_guest *, const wasmtime_instance_pre_t *, const vt_tank *);
void vt_call(vt_guest *, const wasmtime_func_t *, wasmtime_val_raw_t *, size_t n);
bool vt_func(vt_guest *, const char *name, size_t len, wasmtime_func_t *);
bool vt_global(vt_guest *, const char *name, size_t len, wasmtime_global_t *);
uint64_t vt_get(vt_guest *, const wasmtime_global_t *);
void vt_set(vt_guest *, const wasmtime_global_t *, uint8_t kind, uint64_t v);
void vt_error(wasmtime_error_t *, vt_end *);

#endif
