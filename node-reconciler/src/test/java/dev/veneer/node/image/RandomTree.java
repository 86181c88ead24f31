package dev.veneer.node.image;

import static dev.veneer.node.image.TarBuilder.latin1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** A tree that a seed decides, with awkward names, as an archive in one order or another. */
final class RandomTree {
    private static final String[] NAMES = {
        "a",
        "a-b",
        "a.b",
        "a b",
        "ab",
        "B",
        "\u00ff",
        "\n",
        "-r",
        "*",
        "\u0001",
        "usr",
        "~",
        "a\\",
        "\u00c3\u00a9",
        ".wh.x"
    };

    /** An entry: where, and how it is written. */
    private record Node(String path, List<String> pax, char flag, String content, int mode) {}

    private final Random random;
    private final List<Node> directories = new ArrayList<>();
    private final List<Node> others = new ArrayList<>();
    private final List<Node> links = new ArrayList<>();

    RandomTree(Random random) {
        this.random = random;
        fill("", 0);
        List<Node> files = others.stream().filter(n -> n.flag() != '5').toList();
        for (int i = 0; i < files.size() / 4; i++) {
            Node target = files.get(random.nextInt(files.size()));
            links.add(new Node("link" + i, List.of(), '1', target.path(), 0));
        }
    }

    private void fill(String prefix, int depth) {
        List<String> names = new ArrayList<>(List.of(NAMES));
        Collections.shuffle(names, random);
        for (String name : names.subList(0, 2 + random.nextInt(8))) {
            String path = prefix + name;
            switch (random.nextInt(depth > 4 ? 4 : 6)) {
                case 0 -> others.add(new Node(path, pax(), '2', "target " + random.nextInt(9), 0777));
                case 1 -> others.add(new Node(path, List.of(), '6', "", 0600 | random.nextInt(64)));
                case 2, 3 -> others.add(new Node(path, pax(), '0', content(), random.nextInt(010000)));
                default -> {
                    if (random.nextBoolean()) {
                        directories.add(new Node(path, pax(), '5', "", random.nextInt(010000)));
                    }
                    fill(path + "/", depth + 1);
                }
            }
        }
    }

    private String content() {
        int length = random.nextInt(10) == 0 ? 300_000 + random.nextInt(300_000) : random.nextInt(2000);
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private List<String> pax() {
        List<String> pax = new ArrayList<>();
        pax.add("mtime");
        pax.add(random.nextInt(2_000_000_000) + "." + String.format("%09d", random.nextInt(1_000_000_000)));
        pax.add("uid");
        pax.add(Integer.toString(random.nextInt(100_000)));
        pax.add("gid");
        pax.add(Integer.toString(random.nextInt(100_000)));
        return pax;
    }

    /** @param shuffled directories last, children before parents, files in any order; hard links still after files */
    byte[] archive(boolean shuffled) {
        List<Node> order = new ArrayList<>();
        if (shuffled) {
            order.addAll(others);
            Collections.shuffle(order, random);
            List<Node> late = new ArrayList<>(directories);
            Collections.shuffle(late, random);
            order.addAll(late);
        } else {
            order.addAll(directories);
            order.addAll(others);
        }
        order.addAll(links);
        TarBuilder tar = new TarBuilder();
        for (Node node : order) {
            List<String> pax = new ArrayList<>(node.pax());
            pax.add("path");
            pax.add(node.path());
            boolean isLink = node.flag() == '1' || node.flag() == '2';
            if (isLink) {
                pax.add("linkpath");
                pax.add(node.content());
            }
            tar.pax(pax.toArray(new String[0]));
            byte[] header = TarBuilder.header(
                    latin1("x"), node.flag(), isLink ? 0 : node.content().length(), "");
            TarBuilder.put(header, 100, String.format("%07o\0", node.mode()));
            tar.raw(header).data(isLink ? new byte[0] : latin1(node.content()));
        }
        return tar.end();
    }
}
