package dev.veneer.node.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A kind of object, with the names by which a command line may call it. */
public enum Kind {
    SLIVER("Sliver", "slivers", "slv", true),
    BASE_IMAGE("BaseImage", "baseimages", "bimg", false),
    NODE_STORE("NodeStore", "nodestores", "nst", false);

    /** The API group of all of them. */
    static final String GROUP = "veneer.dev";

    private final String kind;
    private final String plural;
    private final String shortName;
    private final boolean namespaced;

    Kind(String kind, String plural, String shortName, boolean namespaced) {
        this.kind = kind;
        this.plural = plural;
        this.shortName = shortName;
        this.namespaced = namespaced;
    }

    /** As in {@code kind: Sliver}. */
    public String kind() {
        return kind;
    }

    /** As in {@code get slivers}. */
    public String plural() {
        return plural;
    }

    /** As in {@code sliver/web}. */
    public String singular() {
        return kind.toLowerCase(Locale.ROOT);
    }

    /** Whether names of the kind live in a namespace. */
    public boolean namespaced() {
        return namespaced;
    }

    /** The kind that is called so: plural, singular, short name, any of them with the group, in any case. */
    static Optional<Kind> called(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        String bare = lower.endsWith("." + GROUP) ? lower.substring(0, lower.length() - GROUP.length() - 1) : lower;
        for (Kind kind : values()) {
            if (bare.equals(kind.plural) || bare.equals(kind.singular()) || bare.equals(kind.shortName)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    /** For completion and messages. */
    static List<String> plurals() {
        return List.of(SLIVER.plural, BASE_IMAGE.plural, NODE_STORE.plural);
    }
}
