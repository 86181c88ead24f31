package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.FieldManagers;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Single requests to the API server, with what it answers as it is. Thread-safe. */
final class ApiServer {
    private static final String AS_JSON = "application/json";
    private static final String APPLY = "application/apply-patch+yaml";
    private static final String MERGE = "application/merge-patch+json";

    /** Of an object its metadata alone, or all of it where that is not to be had. */
    private static final String METADATA =
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

    private final KubernetesClient client;
    private final String url;
    private final Clock clock;
    private final WatchSpans spans;
    private final Duration patience;
    private volatile @Nullable Contact lastContact;

    /**
     * An answer.
     *
     * @param at when, for people
     * @param nanos when, by a clock that does not jump
     */
    record Contact(Instant at, long nanos) {
        boolean isOlderThan(Duration age) {
            return System.nanoTime() - nanos > age.toNanos();
        }
    }

    ApiServer(KubernetesClient client, WatchSpans spans, Duration patience, Clock clock) {
        this.spans = spans;
        this.patience = patience;
        this.client = client;
        this.url = client.getMasterUrl().toString().replaceAll("/+$", "");
        this.clock = clock;
    }

    KubernetesClient client() {
        return client;
    }

    /** When watches were begun. */
    WatchSpans spans() {
        return spans;
    }

    /** When it last answered anything; null if never. */
    @Nullable
    Contact lastContact() {
        return lastContact;
    }

    /** It was heard of, by whatever way. */
    void contacted() {
        lastContact = new Contact(clock.instant(), System.nanoTime());
    }

    Answer get(String path) throws ClusterException, InterruptedException {
        return send(request(path), null);
    }

    /**
     * Asks for the metadata of an object of which the rest is large; what is good is that object's.
     *
     * @param kind its kind, which the answer has where it is all of it
     */
    Answer metadata(String path, String kind) throws ClusterException, InterruptedException {
        Answer answer = send(request(path).setHeader("Accept", METADATA), null);
        String name = path.substring(path.lastIndexOf('/') + 1);
        boolean meant = answer.isA(kind) || answer.isA("PartialObjectMetadata");
        if (answer.isGood()
                && !(meant && answer.body().at("/metadata/name").asText().equals(name))) {
            throw new ClusterException(
                    url + " answers with something other than " + name, new IllegalStateException(answer.words()));
        }
        return answer;
    }

    /** Makes an object. */
    Answer post(String path, JsonNode object) throws ClusterException, InterruptedException {
        return write(request(path + "?fieldManager=" + FieldManagers.AGENT), "POST", AS_JSON, object);
    }

    /** Replaces an object, which has to name the version that it replaces. */
    Answer put(String path, JsonNode object) throws ClusterException, InterruptedException {
        return write(request(path + "?fieldManager=" + FieldManagers.AGENT), "PUT", AS_JSON, object);
    }

    /** Applies the fields that are the agent's, whoever else wrote them. */
    Answer apply(String path, JsonNode object) throws ClusterException, InterruptedException {
        String query = "?fieldManager=" + FieldManagers.AGENT + "&force=true";
        return write(request(path + query), "PATCH", APPLY, object);
    }

    /** Changes some fields. */
    Answer merge(String path, JsonNode patch) throws ClusterException, InterruptedException {
        return write(request(path + "?fieldManager=" + FieldManagers.AGENT), "PATCH", MERGE, patch);
    }

    private Answer write(HttpRequest.Builder request, String method, String type, JsonNode sent)
            throws ClusterException, InterruptedException {
        return send(request.method(method, type, sent.toString()), sent);
    }

    private HttpRequest.Builder request(String path) {
        return client.getHttpClient().newHttpRequestBuilder().uri(url + path);
    }

    /** @param sent the object that it writes, or the part of it; null when it only reads */
    private Answer send(HttpRequest.Builder request, @Nullable JsonNode sent)
            throws ClusterException, InterruptedException {
        HttpClient http = client.getHttpClient();
        HttpRequest built =
                request.timeout(patience.toMillis(), TimeUnit.MILLISECONDS).build();
        try {
            HttpResponse<String> response =
                    http.sendAsync(built, String.class).get(2 * patience.toMillis(), TimeUnit.MILLISECONDS);
            Answer answer = Answer.of(response.code(), response.bodyString(), retryAfter(response));
            if (answer.isGood() && !(sent == null ? answer.body().isObject() : answer.isOf(sent))) {
                // Something between has made it up: nobody has written anything.
                throw new ClusterException(
                        url + " answers with something other than the object that was "
                                + (sent == null ? "asked for" : "written"),
                        new IllegalStateException(String.valueOf(built.uri())));
            }
            if (answer.status() < 500) {
                // Else it may only be something between that says that the server is away.
                contacted();
            }
            return answer;
        } catch (ClusterException e) {
            throw e;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ClusterException(url + " cannot be reached: " + cause, cause);
        } catch (TimeoutException e) {
            throw new ClusterException(url + " does not answer", e);
        } catch (java.io.IOException e) {
            throw new ClusterException(url + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        String header = response.header("Retry-After");
        return header != null && header.matches("[0-9]{1,4}")
                ? Duration.ofSeconds(Long.parseLong(header))
                : Duration.ZERO;
    }
}
