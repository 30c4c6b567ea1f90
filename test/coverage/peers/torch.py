"""Lists the names of PyTorch (2.13) that a user of its documentation meets, for the coverage table.

    python test/coverage/peers/torch.py

A name counts where it has a docstring. Left out: what settles the process (modes, threads, devices, saving), what is
PyTorch's own machinery (tracing, autocast, quantization back ends), in-place twins, and aliases by Python's operators.
"""
import inspect, json, pathlib, re, types
import torch

functions = (types.BuiltinFunctionType, types.FunctionType, types.MethodDescriptorType)
machinery = re.compile(
    r"^(_|is_(anomaly|autocast|deterministic|distributed|grad|inference|storage|tensor|vulkan|warn|neg$|conj|set_to)|set_|get_|use_|are_|init_|sym_|fork|wait|load$|save$|seed|manual_seed|initial_seed"
    r"|compile$|cond$|while_loop|vmap$|from_dlpack|to_dlpack|from_file|frombuffer|parse_|import_|prepare_|typename|unify|merge|thread_safe|handle_|has_torch|boolean_dispatch|assert_|classproperty"
    r"|autocast|clear_autocast|fused_|choose_|profiler|storage|untyped|data_ptr|element_size|module_load|register_|retain_grad|backward|cpu$|cuda$|xpu$|ipu$|hpu$|mtia$|pin_memory|is_pinned|is_shared|share_memory"
    r"|share_|apply_|map_|map2_|numpy$|tolist$|item$|names$|rename|refine_names|align_|reinforce|record_stream|requires_grad|to_mkldnn|stride|stride$|storage_offset|nbytes|itemsize|layout|device|grad|is_leaf|is_cuda|is_cpu|is_meta"
    r"|is_xpu|is_mps|is_mtia|is_xla|is_maia|is_hpu|is_ipu|is_mkldnn|is_vulkan|has_names|new$|new_|set_$|resize|data$|output_nr|version|volatile|dtype$|shape$|as_subclass|chalf|cfloat|cdouble|bfloat16|half|char|short|long$|type$|type_as)|_$|_copy$|^__")


def names(module, kinds=functions, keep=lambda n: True):
    return sorted(n for n in dir(module) if not machinery.search(n) and isinstance(getattr(module, n), kinds) and getattr(module, n).__doc__ and keep(n))


def classes(module, base, drop=()):
    return sorted(n for n in dir(module) if inspect.isclass(getattr(module, n)) and issubclass(getattr(module, n), base) and not n.startswith("_") and n not in drop)


nn = torch.nn
schedulers = torch.optim.lr_scheduler
lists = {
    "torch": names(torch), "torch.Tensor": names(torch.Tensor), "torch.nn.functional": names(nn.functional),
    "torch.nn": [n for n in classes(nn, nn.Module, {"Container", "RNNBase", "RNNCellBase", "DataParallel"}) if not n.startswith("Lazy")],
    "torch.linalg": names(torch.linalg), "torch.special": names(torch.special), "torch.fft": names(torch.fft), "torch.nn.init": sorted(n.rstrip("_") for n in dir(nn.init) if n.endswith("_") and not n.startswith("_")),
    "torch.optim": classes(torch.optim, torch.optim.Optimizer, {"Optimizer"}), "torch.optim.lr_scheduler": classes(schedulers, schedulers.LRScheduler, {"LRScheduler"}),
}
here = pathlib.Path(__file__).parent
(here / "torch.json").write_text(json.dumps({"name": "PyTorch", "version": torch.__version__.split("+")[0], "lists": lists}, indent=1) + "\n")
print({k: len(v) for k, v in lists.items()})
