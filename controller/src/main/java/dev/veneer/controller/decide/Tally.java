package dev.veneer.controller.decide;

import dev.veneer.api.v1alpha1.BaseImageNodes;
import dev.veneer.api.v1alpha1.StoredBaseImage.State;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say of a base image, added up. Of a node that does not report only counts that it has the image: whatever was
 * wrong there may have been mended since.
 *
 * @param counts the numbers
 * @param differing nodes that need it and whose content has another digest
 * @param failing nodes that need it and where it fails for another reason
 * @param silent how many nodes need it, had not got it and do not report
 * @param bytes what it takes, as a node says that has it
 */
record Tally(BaseImageNodes counts, List<String> differing, List<String> failing, int silent, @Nullable Long bytes) {
    static Tally of(ImageUse use, @Nullable String digest) {
        List<String> differing = new ArrayList<>();
        List<String> failing = new ArrayList<>();
        Set<String> waiting = new HashSet<>(use.nodes());
        Long bytes = null;
        int ready = 0;
        for (ImageUse.Report report : use.reports()) {
            boolean needed = use.nodes().contains(report.node());
            boolean silent = use.silent().contains(report.node());
            boolean differs = digest != null && report.digest() != null && !digest.equals(report.digest());
            if (report.state() == State.Ready && !differs) {
                bytes = bytes == null ? report.bytes() : bytes;
                ready += needed ? 1 : 0;
                waiting.remove(report.node());
            } else if (needed && !silent && (differs || report.state() == State.Failed)) {
                (differs ? differing : failing).add(report.node());
                waiting.remove(report.node());
            }
        }
        // A node that needs it and has said nothing of it yet will import it too.
        int desired = use.nodes().size();
        int failed = differing.size() + failing.size();
        BaseImageNodes counts = new BaseImageNodes(desired, ready, waiting.size(), failed);
        waiting.retainAll(use.silent());
        return new Tally(counts, List.copyOf(differing), List.copyOf(failing), waiting.size(), bytes);
    }
}
