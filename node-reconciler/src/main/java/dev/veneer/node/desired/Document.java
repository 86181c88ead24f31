package dev.veneer.node.desired;

import java.util.List;

/**
 * One document of a file.
 *
 * @param root its value
 * @param problems what is wrong with its writing though it could be read: duplicate keys, foreign tags
 * @param doubtful whether these leave open which object it declares
 */
record Document(Marked root, List<TextProblem> problems, boolean doubtful) {
    /** How many documents a file may have, and how many objects. */
    static final int MOST = 100_000;

    Document {
        problems = List.copyOf(problems);
    }

    /** Refuses one document more than a file may have. */
    static void bound(int count, int line) throws TextProblem {
        if (count >= MOST) {
            throw new TextProblem(line, 1, "there are more than " + MOST + " objects; split the file");
        }
    }

    /** Collects what is wrong with the writing of one document. */
    static final class Doubts {
        private static final List<String> NAMING = List.of("apiVersion", "kind", "metadata", "name", "namespace");
        private final List<TextProblem> problems = new java.util.ArrayList<>();
        private boolean doubtful;

        void duplicate(String key, Marked.Mark mark, Marked.Mark first) {
            doubtful |= NAMING.contains(key);
            problems.add(new TextProblem(
                    mark.line(),
                    mark.column(),
                    "the key \"" + key + "\" is there twice, first in line " + first.line() + "; remove one"));
        }

        void add(Marked.Mark mark, String message) {
            problems.add(new TextProblem(mark.line(), mark.column(), message));
        }

        Document of(Marked root) {
            return new Document(root, problems, doubtful);
        }
    }
}
