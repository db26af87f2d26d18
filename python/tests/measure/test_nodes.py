"""The modules and operations of a PyTorch model are the nodes of irene.extract's tree."""

import unittest

import irene
import support

torch = None


def setUpModule():
    global torch, nodes, small_models
    torch = support.torch_or_skip()
    import small_models
    from irene.measure import nodes


def tree_of(config, batch_size=2, seq_len=8, **more):
    return irene.extract(config, batch_size=batch_size, seq_len=seq_len, **more)[0].to_dict()["frontend_tree"]


def node(scope, kind, *children):
    """As much of a node as finding it needs."""
    return {
        "scope": scope, "instance_type": kind, "type": "module" if children else "ml", "num_parameters": 0, "flops": 0,
        "mem_bytes": len(scope), "child_nodes_obj": list(children),
    }


def pieces_of(model, tree, batch_size=2, seq_len=8):
    return nodes.pieces(model, {"input_ids": torch.randint(0, 500, (batch_size, seq_len))}, tree)


class PiecesTest(unittest.TestCase):
    def test_every_node_is_met_and_stands_for_its_own_work(self):
        for config in (support.BERT, support.LLAMA, support.GPT2, support.QWEN3):
            for counting in ("paper", "kernels"):
                with self.subTest(config["model_type"], counting=counting):
                    tree = tree_of(config, counting=counting)
                    model = small_models.build(config, "eager", False)
                    nodes.check_parameters(model, tree)
                    found, missing = pieces_of(model, tree)
                    self.assertEqual(missing, [])
                    met = [id(node) for piece in found for node in piece.nodes]
                    self.assertEqual(sorted(met), sorted(id(node) for node in nodes.walk(tree)))
                    for piece in found:
                        self.assertEqual(len({(node["instance_type"], node["flops"], node["mem_bytes"]) for node in piece.nodes}), 1)
                        with torch.no_grad():
                            piece.work()

    def test_a_module_runs_with_the_inputs_that_it_had(self):
        tree = tree_of(support.LLAMA)
        model = small_models.build(support.LLAMA, "eager", False).eval()
        results = {}
        handles = []
        for scope, module in nodes.modules_by_scope(model).items():
            def note(_, inputs, output, scope=scope):
                results[scope] = output
            handles.append(module.register_forward_hook(note))
        torch.manual_seed(3)
        found, _ = pieces_of(model, tree)
        expected = dict(results)
        for handle in handles:
            handle.remove()
        for piece in found:
            node = piece.nodes[0]
            if node["type"] == "ml-np":
                continue
            with self.subTest(node["scope"]), torch.no_grad():
                self.assertTrue(torch.equal(piece.work(), expected[node["scope"]]))
                self.assertTrue(torch.equal(piece.work(), expected[node["scope"]]), "a second time")

    def test_operations_are_told_apart_by_their_order(self):
        tree = tree_of(support.BERT, 2, 8)
        found, _ = pieces_of(small_models.build(support.BERT, "eager", False), tree)
        shapes = {}
        for piece in found:
            for node in piece.nodes:
                if node["type"] == "ml-np" and node["scope"].startswith("root.encoder.0"):
                    shapes.setdefault(node["scope"].rsplit(".", 1)[1], []).append(tuple(piece.work().shape))
        self.assertEqual(shapes, {"matmul": [(2, 4, 8, 8), (2, 4, 8, 16)], "softmax": [(2, 4, 8, 8)]})

    def test_repeated_layers_and_equal_nodes_share_a_piece(self):
        for layers in (2, 5):
            config = dict(support.LLAMA, num_hidden_layers=layers)
            tree = tree_of(config)
            found, _ = pieces_of(small_models.build(config, "eager", False), tree)
            by_scope = {node["scope"]: piece for piece in found for node in piece.nodes}
            self.assertEqual(len(by_scope["root.0"].nodes), layers)
            # q_proj and o_proj have one shape, so have k_proj and v_proj, gate_proj and up_proj
            self.assertEqual(len(by_scope["root.0.self_attn.q_proj"].nodes), 2 * layers)
            self.assertIs(by_scope["root.0.self_attn.k_proj"], by_scope["root.1.self_attn.v_proj"])
            self.assertIsNot(by_scope["root.0.mlp.gate_proj"], by_scope["root.0.mlp.down_proj"])
            self.assertEqual(len(found), 13)  # however many layers

    def test_the_model_is_as_before_afterwards(self):
        model = small_models.build(support.BERT, "eager", False)
        pieces_of(model, tree_of(support.BERT))
        self.assertFalse([name for name, module in model.named_modules() if "forward" in vars(module)])

    def test_a_model_that_fails_is_as_before_too(self):
        model = small_models.build(support.BERT, "eager", False)
        with self.assertRaises(IndexError):
            nodes.pieces(model, {"input_ids": torch.full((1, 4), 10**6)}, tree_of(support.BERT))
        self.assertFalse([name for name, module in model.named_modules() if "forward" in vars(module)])

    def test_another_model_than_the_config_is_refused(self):
        from irene.measure import Refusal

        model = small_models.build(dict(support.BERT, intermediate_size=255), "eager", False)
        with self.assertRaisesRegex(Refusal, "not the same model") as refused:
            nodes.check_parameters(model, tree_of(support.BERT))
        self.assertEqual(refused.exception.exit_code, 65)

    def test_what_cannot_be_told_apart_stays_unmeasured(self):
        class OneMoreProduct(torch.nn.Module):
            def __init__(self, inner):
                super().__init__()
                self.inner = inner.__class__.forward
                self.__dict__.update(inner.__dict__)

            def forward(self, states):
                torch.matmul(states, states.transpose(-1, -2))
                return self.inner(self, states)

        model = small_models.build(support.BERT, "eager", False)
        layer = model.encoder.layer[0].attention
        layer.self = OneMoreProduct(layer.self)
        _, missing = pieces_of(model, tree_of(support.BERT))
        self.assertEqual([node["scope"] for node in missing], ["root.encoder.0.attention.self.matmul"] * 2)

    def test_a_softmax_that_is_a_module_is_the_operation(self):
        class Attention(torch.nn.Module):
            def __init__(self, inner):
                super().__init__()
                self.__dict__.update(inner.__dict__)
                self._modules["softmax_module"] = torch.nn.Softmax(dim=-1)

            def forward(self, states):
                query, key, value = (small_models.split_heads(part(states), 4) for part in (self.query, self.key, self.value))
                return small_models.merge_heads(self.softmax_module(query @ key.transpose(-1, -2)) @ value)

        model = small_models.build(support.BERT, "eager", False)
        for layer in model.encoder.layer:
            layer.attention.self = Attention(layer.attention.self)
        _, missing = pieces_of(model, tree_of(support.BERT))
        self.assertEqual(missing, [])

    def test_inputs_stay_what_they_were_where_the_model_writes_over_them(self):
        class InPlace(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.table, self.dense = torch.nn.Embedding(500, 4), torch.nn.Linear(4, 4)

            def forward(self, input_ids):
                states = self.table(input_ids)
                result = self.dense(states)
                states.zero_()
                return result

        model = InPlace()
        found, _ = pieces_of(model, node("root", "InPlace", node("root.table", "Embedding"), node("root.dense", "Linear")))
        work = {piece.nodes[0]["scope"]: piece.work for piece in found}
        with torch.no_grad():
            self.assertTrue(torch.equal(work["root"](), work["root.dense"]()))

    def test_a_module_in_two_places_has_its_first_run_in_the_first(self):
        # As the embeddings that T5's encoder and decoder share.
        class Half(torch.nn.Module):
            def __init__(self, shared):
                super().__init__()
                self.table = shared

            def forward(self, tokens):
                return self.table(tokens)

        class Both(torch.nn.Module):
            def __init__(self):
                super().__init__()
                shared = torch.nn.Embedding(500, 4)
                self.first, self.second = Half(shared), Half(shared)

            def forward(self, input_ids):
                return self.first(input_ids), self.second(input_ids[:, :1])

        halves = [node(f"root.{name}", "Half", node(f"root.{name}.table", "Embedding")) for name in ("first", "second")]
        found, missing = pieces_of(Both(), node("root", "Both", *halves))
        self.assertEqual(missing, [])
        lengths = {node["scope"]: piece.work().shape[1] for piece in found for node in piece.nodes if "table" in node["scope"]}
        self.assertEqual(lengths, {"root.first.table": 8, "root.second.table": 1})


class TimesTest(unittest.TestCase):
    def test_grow_with_size(self):
        from irene.measure import Settings, Watts, measure

        scopes = ("root", "root.0", "root.0.mlp", "root.0.mlp.gate_proj", "root.0.self_attn.softmax")
        model = small_models.build(support.LLAMA, "eager", False).eval()
        work = []
        for length in (8, 64):
            found, _ = pieces_of(model, tree_of(support.LLAMA, 2, length), 2, length)
            work.append({node["scope"]: piece.work for piece in found for node in piece.nodes})
        # In turn, and the fastest of each: neighbours only add time.
        settings = Settings(0.005, 0.1, 1e-9, 0.005, "fastest")
        seconds = [dict.fromkeys(scopes, float("inf")), dict.fromkeys(scopes, float("inf"))]
        with torch.no_grad():
            for _ in range(3):
                for scope in scopes:
                    for of_size, known in zip(work, seconds):
                        known[scope] = min(known[scope], measure(of_size[scope], Watts(1), settings).seconds)
        for scope in scopes:
            with self.subTest(scope):
                self.assertGreater(seconds[1][scope], 1.5 * seconds[0][scope])


if __name__ == "__main__":
    unittest.main()
