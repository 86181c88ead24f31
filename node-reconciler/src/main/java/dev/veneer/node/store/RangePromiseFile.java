package dev.veneer.node.store;

import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.IdRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What one store promises, as a file has it.
 *
 * @param mark the store's {@link StoreMark}, which is the file's name
 * @param store absolute path of the store, as its process sees it
 * @param id the store's identity, which a copy of it has too
 * @param mounts the mount namespace of that process, {@code mnt:[NUMBER]}: in no other need the path lead to the store
 * @param ranges sorted, no two of them overlap
 */
record RangePromiseFile(String mark, String store, String id, String mounts, List<IdRange> ranges) {
    /** A range of sixteen bits of ids is at most 26 bytes: room for more of them than there are. */
    private static final int LIMIT = 4 << 20;

    RangePromiseFile {
        ranges = List.copyOf(ranges);
    }

    /** Reads one; it must be a plain file of root's. Fields that are not known are let be: a newer version wrote them. */
    static RangePromiseFile read(StoreFiles files, String mark) throws LinuxException, BadRecordException {
        Statx stat = new Statx();
        if (!files.stat(mark, stat)) {
            throw new LinuxException("statx", Errno.ENOENT, mark);
        }
        if (!stat.isRegular()) {
            throw new BadRecordException("it is not a plain file");
        }
        if (stat.uid != 0) {
            throw new BadRecordException("it is user " + stat.uid + "'s, not root's");
        }
        JsonObject json = JsonObject.parse(files.read(mark, LIMIT));
        List<IdRange> ranges = new ArrayList<>();
        for (String text : json.texts("ranges")) {
            ranges.add(range(text));
        }
        String store = json.text("store");
        if (!store.startsWith("/")) {
            throw new BadRecordException("\"" + store + "\" is not the path of a store");
        }
        return new RangePromiseFile(mark, store, json.text("id"), json.text("mounts"), merged(ranges));
    }

    private static IdRange range(String text) throws BadRecordException {
        int colon = text.indexOf(':');
        try {
            int first = Integer.parseInt(text.substring(0, Math.max(0, colon)));
            return new IdRange(first, Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new BadRecordException("\"" + text + "\" is not a range of ids");
        }
    }

    byte[] bytes() {
        return RecordCodec.bytes(json -> {
            json.writeStringField("store", store);
            json.writeStringField("id", id);
            json.writeStringField("mounts", mounts);
            json.writeArrayFieldStart("ranges");
            for (IdRange range : ranges) {
                json.writeString(range.toString());
            }
            json.writeEndArray();
        });
    }

    /** The same ids in as few ranges as can be, sorted. */
    static List<IdRange> merged(Collection<IdRange> ranges) {
        List<IdRange> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingInt(IdRange::first));
        List<IdRange> merged = new ArrayList<>();
        int first = 0;
        long end = 0;
        for (IdRange range : sorted) {
            if (first > 0 && range.first() > end) {
                merged.add(new IdRange(first, (int) (end - first)));
                first = 0;
            }
            first = first == 0 ? range.first() : first;
            // NodeStore.spec.idRanges ends here as well.
            end = Math.max(end, Math.min(range.first() + (long) range.count(), Integer.MAX_VALUE));
        }
        if (first > 0 && end > first) {
            merged.add(new IdRange(first, (int) (end - first)));
        }
        return merged;
    }
}
