package dev.veneer.node.tree.rewrite;

import dev.veneer.node.tree.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was found of paths lately: so much and no more, since whoever owns a tree decides how many paths are asked for. */
final class Recent<V> extends LinkedHashMap<Bytes, V> {
    private static final long serialVersionUID = 1L;
    private static final int MOST = 4096;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Bytes, V> eldest) {
        return size() > MOST;
    }
}
