package dev.veneer.node.tree.rewrite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What one run of a property does: which operations, by number, it does to each of its trees. Every operation has a
 * source of chance of its own, so that without some of them the others stay what they are.
 */
public final class Trial {
    /** The number of what is done last: nothing can be done with a frozen file any more. */
    static final int FREEZE = 1_000_000;

    private static final long LARGE_EVERY = 25;

    private final long seed;
    private final Map<String, List<Integer>> operations;

    private Trial(long seed, Map<String, List<Integer>> operations) {
        this.seed = seed;
        this.operations = operations;
    }

    /** A trial whose trees are mostly small: most faults need few files, and many trials find more than large ones. */
    public static Trial of(long seed) {
        Random random = new Random(seed * 0x9E3779B97F4A7C15L);
        boolean large = isLarge(seed);
        Map<String, List<Integer>> operations = new LinkedHashMap<>();
        operations.put("base", numbers(random, large ? 200 : 10 + random.nextInt(30)));
        operations.put("second", numbers(random, large ? random.nextInt(80) : random.nextInt(14)));
        operations.put("sliver", numbers(random, 1 + (large ? random.nextInt(160) : random.nextInt(24))));
        return new Trial(seed, operations);
    }

    private static List<Integer> numbers(Random random, int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(i);
        }
        if (random.nextInt(4) == 0) {
            numbers.add(FREEZE);
        }
        return numbers;
    }

    private static boolean isLarge(long seed) {
        return seed % LARGE_EVERY == 0;
    }

    boolean large() {
        return isLarge(seed);
    }

    public long seed() {
        return seed;
    }

    List<String> phases() {
        return List.copyOf(operations.keySet());
    }

    List<Integer> operations(String phase) {
        return operations.getOrDefault(phase, List.of());
    }

    /** Of one operation, or of a choice that is made once. */
    public Random random(String phase, int number) {
        Random random = new Random((seed * 31 + phase.hashCode()) * 0x9E3779B97F4A7C15L + number);
        random.nextInt(); // of near seeds the first numbers are alike
        return random;
    }

    /** Without some operations of a phase, by their places. */
    Trial without(String phase, int from, int to) {
        Map<String, List<Integer>> fewer = new LinkedHashMap<>(operations);
        List<Integer> left = new ArrayList<>(operations(phase));
        left.subList(from, to).clear();
        fewer.put(phase, left);
        return new Trial(seed, fewer);
    }

    int size() {
        return operations.values().stream().mapToInt(List::size).sum();
    }

    /** As {@link #toString} wrote it. */
    static Trial parse(String text) {
        String[] words = text.split(" ", -1);
        Map<String, List<Integer>> operations = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i++) {
            String[] phase = words[i].split("=", 2);
            List<Integer> numbers = new ArrayList<>();
            for (String number : phase[1].split(",", -1)) {
                if (!number.isEmpty()) {
                    numbers.add(Integer.valueOf(number));
                }
            }
            operations.put(phase[0], numbers);
        }
        return new Trial(Long.parseLong(words[0]), operations);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder().append(seed);
        operations.forEach((phase, numbers) -> {
            text.append(' ').append(phase).append('=');
            text.append(String.join(",", numbers.stream().map(String::valueOf).toList()));
        });
        return text.toString();
    }
}
