package dev.veneer.node.desired;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads YAML to values with places. Nothing is constructed: no tag makes an object. Depth, aliases and the number of
 * values that aliases expand to are bounded.
 */
final class YamlDocuments {
    /** How deep values may lie in each other; our own objects need eight. */
    static final int DEPTH = 64;
    /** How many values a document may have once its aliases are expanded. */
    static final int VALUES = 1_000_000;

    private static final int ALIASES = 50;
    private static final Tag PLAIN = new Tag("veneer:plain");

    private final LoaderOptions options = new LoaderOptions();
    private final int lineOffset;
    private Document.Doubts doubts = new Document.Doubts();
    private int values;

    private YamlDocuments(int lineOffset, int codePoints) {
        this.lineOffset = lineOffset;
        options.setNestingDepthLimit(DEPTH);
        options.setMaxAliasesForCollections(ALIASES);
        options.setCodePointLimit(codePoints);
        options.setAllowRecursiveKeys(false);
        options.setProcessComments(false);
        // Tags are judged when their values are converted, where they break one object only; they construct nothing.
        options.setTagInspector(tag -> true);
    }

    /**
     * Reads the documents of a text; empty ones are left out.
     *
     * @param lineOffset how many lines of the file lie before the text
     */
    static List<Document> read(String text, int lineOffset) throws TextProblem {
        return new YamlDocuments(lineOffset, Math.max(1, text.length())).documents(text);
    }

    private List<Document> documents(String text) throws TextProblem {
        List<Document> documents = new ArrayList<>();
        Composer composer = new Composer(new ParserImpl(new StreamReader(text), options), new Untyped(), options);
        try {
            while (composer.checkNode()) {
                doubts = new Document.Doubts();
                values = 0;
                Marked root = convert(composer.getNode(), 0);
                Document.bound(documents.size(), root.mark().line());
                if (!root.isNull()) {
                    documents.add(doubts.of(root));
                }
            }
        } catch (MarkedYAMLException e) {
            throw problem(e);
        } catch (YAMLException e) {
            throw new TextProblem(lineOffset + 1, 1, limit(String.valueOf(e.getMessage())));
        }
        return documents;
    }

    private Marked convert(Node node, int depth) throws TextProblem {
        Marked.Mark mark = mark(node.getStartMark());
        if (depth > DEPTH) {
            throw new TextProblem(
                    mark.line(),
                    mark.column(),
                    "values lie deeper than " + DEPTH + " levels in each other, or an alias contains itself");
        }
        if (++values > VALUES) {
            throw new TextProblem(
                    mark.line(), mark.column(), "the document's aliases expand to more than " + VALUES + " values");
        }
        if (node instanceof ScalarNode scalar) {
            return scalar(scalar, mark);
        }
        if (node instanceof SequenceNode sequence) {
            check(sequence.getTag(), Tag.SEQ, mark);
            List<Marked> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                items.add(convert(item, depth + 1));
            }
            return new Marked.Sequence(mark, items);
        }
        MappingNode mapping = (MappingNode) node;
        check(mapping.getTag(), Tag.MAP, mark);
        return mapping(mapping, mark, depth);
    }

    private Marked scalar(ScalarNode scalar, Marked.Mark mark) {
        Tag tag = scalar.getTag();
        String value = scalar.getValue();
        if (tag.equals(PLAIN)) {
            return new Marked.Scalar(mark, PlainScalars.of(value));
        }
        if (tag.equals(Tag.INT) || tag.equals(Tag.BOOL) || tag.equals(Tag.FLOAT) || tag.equals(Tag.NULL)) {
            return new Marked.Scalar(mark, PlainScalars.of(value));
        }
        check(tag, Tag.STR, mark);
        return new Marked.Scalar(mark, TextNode.valueOf(value));
    }

    private void check(Tag tag, Tag expected, Marked.Mark mark) {
        if (!tag.equals(expected)) {
            doubts.add(mark, "the tag " + tag.getValue() + " is not allowed; write the value without it");
        }
    }

    private Marked mapping(MappingNode mapping, Marked.Mark mark, int depth) throws TextProblem {
        Map<String, Marked.Entry> entries = new LinkedHashMap<>();
        List<Marked> merged = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Marked.Mark keyMark = mark(tuple.getKeyNode().getStartMark());
            Marked value = convert(tuple.getValueNode(), depth + 1);
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                doubts.add(keyMark, "a key is a list or a map; only texts can be keys");
            } else if (key.getTag().equals(PLAIN) && key.getValue().equals("<<")) {
                merged.add(value);
            } else {
                Marked.Entry before = entries.putIfAbsent(key.getValue(), new Marked.Entry(keyMark, value));
                if (before != null) {
                    doubts.duplicate(key.getValue(), keyMark, before.key());
                }
            }
        }
        for (Marked value : merged) {
            merge(value, entries);
        }
        return new Marked.Mapping(mark, entries);
    }

    /** {@code <<: *alias} adds what is not there; of several the first wins. */
    private void merge(Marked value, Map<String, Marked.Entry> entries) {
        if (value instanceof Marked.Mapping map) {
            map.entries().forEach(entries::putIfAbsent);
        } else if (value instanceof Marked.Sequence list
                && list.items().stream().allMatch(Marked.Mapping.class::isInstance)) {
            list.items().forEach(item -> merge(item, entries));
        } else {
            doubts.add(value.mark(), "<< takes a map or a list of maps");
        }
    }

    private Marked.Mark mark(Mark mark) {
        return new Marked.Mark(lineOffset + mark.getLine() + 1, mark.getColumn() + 1);
    }

    private TextProblem problem(MarkedYAMLException e) {
        Mark at = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
        Marked.Mark mark = at == null ? new Marked.Mark(lineOffset + 1, 1) : mark(at);
        String problem = String.valueOf(e.getProblem());
        String message = "not YAML: " + context(e) + problem;
        if (problem.contains("\\t")) {
            message = "a tab stands where YAML allows only spaces; indent with spaces";
        } else if (problem.contains("found unexpected end of stream") || problem.contains("<stream end>")) {
            message += "; is the file cut short?";
        }
        return new TextProblem(mark.line(), mark.column(), message);
    }

    private String context(MarkedYAMLException e) {
        if (e.getContext() == null) {
            return "";
        }
        Mark begun = e.getContextMark();
        return e.getContext()
                + (begun == null ? "" : " (begun in line " + mark(begun).line() + ")") + ": ";
    }

    private static String limit(String message) {
        if (message.contains("Nesting Depth")) {
            return "values lie deeper than " + DEPTH + " levels in each other";
        }
        if (message.contains("aliases")) {
            return "more than " + ALIASES + " aliases of lists or maps; write them out";
        }
        return "not YAML: " + message;
    }

    /** Tells plain scalars from quoted ones and guesses nothing else. */
    private static final class Untyped extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            // What a plain scalar means is decided by PlainScalars.
        }

        @Override
        public Tag resolve(NodeId kind, String value, boolean implicit) {
            return switch (kind) {
                case scalar -> implicit ? PLAIN : Tag.STR;
                case sequence -> Tag.SEQ;
                default -> Tag.MAP;
            };
        }
    }
}
