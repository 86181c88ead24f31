package dev.veneer.node.kubernetes;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Has every watch end soon, so that one whose connection is dead in one direction is noticed: nothing can be told from its
 * silence, for a quiet watch says nothing either, but the next one does not begin. Ending and beginning costs one request, and
 * nothing is read again. Thread-safe.
 */
final class WatchSpans implements Interceptor {
    private final Duration span;

    /** When a watch of each resource was last begun. */
    private final Map<String, Long> begun = new ConcurrentHashMap<>();

    /** @param span how long a watch lasts */
    WatchSpans(Duration span) {
        this.span = span;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        URI uri = request.uri();
        String query = uri.getRawQuery();
        if (query == null || !("&" + query + "&").contains("&watch=true&")) {
            return;
        }
        begun.put(resource(uri), System.nanoTime());
        String kept = ("&" + query).replaceAll("&timeoutSeconds=[0-9]*", "");
        String text = uri.toString();
        builder.uri(URI.create(text.substring(0, text.indexOf('?')) + "?timeoutSeconds=" + span.toSeconds() + kept));
    }

    private static String resource(URI uri) {
        String path = uri.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Whether the watch of a resource should have ended so long ago. */
    boolean isOverdue(String resource, Duration patience) {
        Long since = begun.get(resource);
        return since != null && System.nanoTime() - since > span.plus(patience).toNanos();
    }

    /** The watch of a resource was given up, and begins anew when it can. */
    void restarted(String resource) {
        begun.remove(resource);
    }
}
