package dev.veneer.node.desired;

import dev.veneer.api.validation.Nearest;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The NodeStores of this node, which of them is ours, and which slivers go into it. */
final class Stores {
    private final TreeMap<String, ReadObject.OfStore> ofNode = new TreeMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private final @Nullable DesiredStore ours;
    private final String ourName;
    private final boolean allowShrink;

    /**
     * @param declared all objects of the source
     * @param broken those that are wrong; our own NodeStore is added when it tries to be elsewhere
     * @param known the record of our NodeStore, or null
     */
    Stores(Collection<ReadObject> declared, Set<ObjectRef> broken, @Nullable NodeStoreRecord known, Node node) {
        ReadObject.@Nullable OfStore found = null;
        @Nullable DesiredStore lastGood = null;
        for (ReadObject object : declared) {
            if (object.ref().kind() != ObjectRef.Kind.NodeStore) {
                continue;
            }
            boolean isKnown = known != null && known.name().equals(object.ref().name());
            if (!(object.content() instanceof ReadObject.OfStore store)) {
                lastGood = isKnown ? SourceRules.lastGood(known, object.ref().name()) : lastGood;
            } else if (store.nodeName().equals(node.name()) && samePath(store.path(), node.storePath())) {
                if (found != null) {
                    broken.add(object.ref());
                    problems.add(wrong(
                            object,
                            "NodeStore " + found.store().name() + " ("
                                    + found.store().origin() + ") has the same path; remove one of the two"));
                } else {
                    found = store;
                    ofNode.put(object.ref().name(), store);
                }
            } else if (isKnown && store.nodeName().equals(node.name())) {
                broken.add(object.ref());
                problems.add(wrong(
                        object,
                        "cannot be changed once the object exists: this store is " + node.storePath()
                                + "; declare a new NodeStore for another directory"));
                lastGood = SourceRules.lastGood(known, object.ref().name());
            } else if (store.nodeName().equals(node.name())) {
                ofNode.put(object.ref().name(), store);
            }
        }
        ours = found != null ? found.store() : lastGood;
        ourName = ours != null ? ours.name() : known != null ? known.name() : node.name();
        allowShrink = found != null && found.allowShrink();
    }

    /** The NodeStore declared for this store, or its last good version; null when there is none. */
    @Nullable
    DesiredStore ours() {
        return ours;
    }

    boolean allowShrink() {
        return allowShrink;
    }

    List<Problem> problems() {
        return problems;
    }

    /** Whether a new sliver that asks for this store, or for none, goes into ours. */
    boolean isOurs(@Nullable String asked) {
        if (asked != null) {
            return asked.equals(ourName);
        }
        ReadObject.OfStore own = ofNode.get(ourName);
        if (own != null && own.isDefault()) {
            return true;
        }
        return ofNode.keySet().stream().allMatch(ourName::equals);
    }

    /** Why it cannot be told where a new sliver goes that asks for this store, or for none; null when it can. */
    @Nullable
    String trouble(@Nullable String asked) {
        if (asked != null) {
            return asked.equals(ourName) || ofNode.containsKey(asked)
                    ? null
                    : "there is no NodeStore \"" + asked + "\" on this node; " + Nearest.hint(asked, names());
        }
        boolean several = names().size() > 1;
        boolean someDefault = ofNode.values().stream().anyMatch(ReadObject.OfStore::isDefault);
        return several && !someDefault
                ? "this node has several NodeStores and none is the default; name one here ("
                        + String.join(", ", names()) + ") or set spec.default of one"
                : null;
    }

    private Set<String> names() {
        Set<String> names = new java.util.TreeSet<>(ofNode.keySet());
        names.add(ourName);
        return names;
    }

    private static boolean samePath(String a, String b) {
        return Path.of(a).normalize().equals(Path.of(b).normalize()) || real(a).equals(real(b));
    }

    /** Where a path leads behind symbolic links; itself where it leads nowhere. */
    private static Path real(String path) {
        try {
            return Path.of(path).toRealPath();
        } catch (IOException e) {
            return Path.of(path).normalize();
        }
    }

    private static Problem wrong(ReadObject object, String message) {
        return new Problem(
                object.where(), object.ref().kind().name(), object.ref().name(), "spec.path", message, false);
    }
}
