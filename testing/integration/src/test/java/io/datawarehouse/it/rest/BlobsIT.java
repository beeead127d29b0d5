package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(RestNode.class)
class BlobsIT {

  private static final String CONTENT = "some content";

  private final Client node;
  private String bucket = "";

  BlobsIT(Client node) {
    this.node = node;
  }

  @BeforeEach
  void makeBucket() throws IOException {
    bucket = node.newBucket();
  }

  @Test
  void storesABlobAndGivesItBack() throws IOException {
    String path = bucket + "/blobs/dir/file.txt";
    String etag = HexFormat.of().formatHex(digest("SHA-256", CONTENT));

    Answer put =
        node.put(
            path,
            CONTENT,
            "Content-Type: text/plain;charset=utf-8",
            "DW-Tag: a=1",
            "DW-Tag: b=x=y");
    assertThat(put.status()).isEqualTo(201);
    assertThat(put.header("ETag")).contains('"' + etag + '"');
    JsonNode manifest = put.json();
    assertThat(manifest.get("bucket").asText()).isEqualTo(bucket.replace("/api/v1/buckets/", ""));
    assertThat(manifest.get("key").asText()).isEqualTo("dir/file.txt");
    assertThat(manifest.get("size").asLong()).isEqualTo(CONTENT.length());
    assertThat(manifest.get("contentType").asText()).isEqualTo("text/plain;charset=utf-8");
    assertThat(manifest.get("etag").asText()).isEqualTo(etag);
    assertThat(manifest.get("tags").size()).isEqualTo(2);
    assertThat(manifest.at("/tags/a").asText()).isEqualTo("1");
    assertThat(manifest.at("/tags/b").asText()).isEqualTo("x=y");
    assertThat(manifest.get("deleted").asBoolean()).isFalse();
    assertThat(manifest.get("owners")).hasSize(1);
    assertThat(put.header("DW-Context")).contains(manifest.get("context").asText());

    Answer get = node.get(path);
    assertThat(get.status()).isEqualTo(200);
    assertThat(get.text()).isEqualTo(CONTENT);
    assertThat(get.header("Content-Type")).contains("text/plain;charset=utf-8");
    assertThat(get.header("Content-Length")).contains(Integer.toString(CONTENT.length()));
    assertThat(get.header("ETag")).isEqualTo(put.header("ETag"));
    assertThat(get.header("DW-Context")).isEqualTo(put.header("DW-Context"));
    assertThat(get.header("DW-Served-By")).contains(manifest.get("owners").get(0).asText());
    assertThat(get.header("Accept-Ranges")).contains("bytes");
    assertThat(get.header("Last-Modified").orElseThrow()).endsWith(" GMT");
    assertThat(get.header("Content-Digest")).contains(header("sha-256", "SHA-256", CONTENT));
    assertThat(get.header("Repr-Digest")).isEqualTo(get.header("Content-Digest"));
    assertThat(get.header("Date")).isPresent();

    Answer described = node.get(path.replace("/blobs/", "/manifests/"));
    assertThat(described.json()).isEqualTo(manifest);
  }

  @Test
  void tellsWithHeadWhatGetWould() throws IOException {
    String path = bucket + "/blobs/a";
    node.put(path, CONTENT, "Content-Type: text/plain");

    Answer head = node.send("HEAD", path, null);
    Answer get = node.get(path);

    assertThat(head.status()).isEqualTo(200);
    assertThat(withoutDate(head)).isEqualTo(withoutDate(get));
    assertThat(node.send("HEAD", bucket + "/blobs/b", null).status()).isEqualTo(404);
  }

  @Test
  void replacesAndDeletes() throws IOException {
    String path = bucket + "/blobs/a";

    Answer first = node.put(path, "1");
    Answer second = node.put(path, "22", "DW-Context: " + first.header("DW-Context").orElseThrow());
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.header("DW-Context")).isNotEqualTo(first.header("DW-Context"));
    assertThat(second.json().get("createdAt")).isEqualTo(first.json().get("createdAt"));
    assertThat(node.get(path).text()).isEqualTo("22");
    assertThat(node.delete(path).status()).isEqualTo(204);
    assertThat(node.delete(path).status()).isEqualTo(404);
    assertThat(node.delete(path).code()).isEqualTo("NO_SUCH_BLOB");
    assertThat(node.get(path).code()).isEqualTo("NO_SUCH_BLOB");
    assertThat(node.get(path.replace("/blobs/", "/manifests/")).status()).isEqualTo(404);
  }

  @Test
  void storesNothingWithoutBytes() throws IOException {
    String path = bucket + "/blobs/empty";

    assertThat(node.put(path, "").status()).isEqualTo(201);
    assertThat(node.get(path).body()).isEmpty();
    assertThat(node.get(path).header("Content-Type")).contains("application/octet-stream");
    assertThat(node.get(path, "Range: bytes=0-").status()).isEqualTo(416);
  }

  @Test
  void takesABodyInChunks() throws IOException {
    String path = bucket + "/blobs/chunks";
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("PUT", path, -1, "Transfer-Encoding: chunked"));
      wire.send("4\r\nsome\r\n1\r\n \r\n7\r\ncontent\r\n0\r\n\r\n");
      assertThat(wire.read().status()).isEqualTo(201);
    }
    assertThat(node.get(path).text()).isEqualTo(CONTENT);
  }

  /** Each of these is a key of its own: no two may meet. */
  @Test
  void tellsKeysApart() throws IOException {
    List<String> raw =
        List.of(
            "a",
            "a/",
            "a//",
            "/a",
            "a//b",
            "a/b",
            "a;b",
            "a;b/",
            ";a",
            "a;v=1/b",
            "a+b",
            "a%20b",
            "a%2Bb%20",
            "a%25b",
            "a%252Fb",
            "a%3Fb",
            "a%23b",
            "%C3%A4",
            "%F0%9F%98%80",
            "a&b=c",
            "...",
            "a/...",
            "a/..%3Bv",
            "..%3B/b",
            "...;v",
            "a;jsessionid=1",
            "a;jsessionid=1/b",
            "a%5Cb",
            "a%5C",
            ".a/a.",
            "blobs",
            "blobs/x",
            "manifests/x",
            "%7Ba%7D",
            "%5Ba%5D%7C%22%3C%3E%5E%60",
            "A",
            "%C3%84");
    for (String key : raw) {
      assertThat(node.put(bucket + "/blobs/" + key, key).status()).as(key).isEqualTo(201);
    }
    for (String key : raw) {
      assertThat(node.get(bucket + "/blobs/" + key).text()).isEqualTo(key);
      assertThat(node.get(bucket + "/manifests/" + key).status()).as(key).isEqualTo(200);
    }
    assertThat(node.get(bucket + "/blobs").json().get("blobs")).hasSize(raw.size());
    for (String key : raw) {
      assertThat(node.delete(bucket + "/blobs/" + key).status()).as(key).isEqualTo(204);
    }
  }

  @Test
  void readsOneKeyInEveryEncoding() throws IOException {
    node.put(bucket + "/blobs/a/b~c", CONTENT);

    for (String same : List.of("a%2Fb~c", "a%2fb%7Ec", "%61/b%7ec")) {
      assertThat(node.get(bucket + "/blobs/" + same).text()).as(same).isEqualTo(CONTENT);
    }
  }

  @Test
  void checksDigests() throws IOException {
    String path = bucket + "/blobs/digest";
    String sha256 = header("sha-256", "SHA-256", CONTENT);
    String sha512 = header("sha-512", "SHA-512", CONTENT);

    assertThat(node.put(path, CONTENT, "Content-Digest: " + sha256).status()).isEqualTo(201);
    assertThat(node.put(path, CONTENT, "Content-Digest: md5=:AAAA:, " + sha512).status())
        .isEqualTo(200);
    assertThat(
            node.put(path, CONTENT, "Content-Digest: " + sha256, "Content-Digest: " + sha512)
                .status())
        .isEqualTo(200);
    Answer mismatch = node.put(path, CONTENT + "!", "Content-Digest: " + sha256);
    assertThat(mismatch.status()).isEqualTo(400);
    assertThat(mismatch.code()).isEqualTo("DIGEST_MISMATCH");
    assertThat(node.put(path, CONTENT + "!", "Content-Digest: " + sha512).code())
        .isEqualTo("DIGEST_MISMATCH");
    assertThat(node.put(path, CONTENT, "Content-Digest: md5=:AAAA:").code())
        .isEqualTo("DIGEST_UNSUPPORTED");
    assertThat(node.get(path).text()).isEqualTo(CONTENT);
  }

  @Test
  void refusesDigestsThatContradictEachOther() throws IOException {
    String path = bucket + "/blobs/d";
    String right = header("sha-256", "SHA-256", CONTENT);
    String wrong = header("sha-256", "SHA-256", CONTENT + "!");

    Answer oneLine = node.put(path, CONTENT, "Content-Digest: " + wrong + ", " + right);
    assertThat(oneLine.status()).isEqualTo(400);
    assertThat(oneLine.json().get("detail").asText()).contains("Content-Digest", "sha-256");
    assertThat(
            node.put(path, CONTENT, "Content-Digest: " + wrong, "Content-Digest: " + right)
                .status())
        .isEqualTo(400);
    assertThat(node.get(path).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha-256", "sha-256=AAAA", "sha-256=:AAAA:", "=", "sha-256=:%:"})
  void refusesMalformedDigests(String value) throws IOException {
    Answer answer = node.put(bucket + "/blobs/d", CONTENT, "Content-Digest: " + value);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").asText()).contains("Content-Digest");
    assertThat(node.get(bucket + "/blobs/d").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DW-Tag: noequals",
        "DW-Tag: =x",
        "DW-Context: nonsense",
        "Content-Type: nonsense",
        "Content-Range: bytes 0-1/2",
        "If-Match: nonsense",
        "If-None-Match: *, \"a\""
      })
  void refusesMalformedHeadersNamingThem(String header) throws IOException {
    Answer answer = node.put(bucket + "/blobs/h", CONTENT, header);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").asText())
        .containsIgnoringCase(header.substring(0, header.indexOf(':')));
    assertThat(node.get(bucket + "/blobs/h").status()).isEqualTo(404);
  }

  @Test
  void refusesATagTwiceAndTooManyTags() throws IOException {
    String path = bucket + "/blobs/t";

    assertThat(node.put(path, CONTENT, "DW-Tag: a=1", "DW-Tag: a=2").status()).isEqualTo(400);
    String[] many = new String[65];
    for (int i = 0; i < many.length; i++) {
      many[i] = "DW-Tag: t" + i + "=x";
    }
    assertThat(node.put(path, CONTENT, many).status()).isEqualTo(400);
    assertThat(node.put(path, CONTENT, "DW-Tag: a=" + "x".repeat(1025)).status()).isEqualTo(400);
    assertThat(node.get(path).status()).isEqualTo(404);
  }

  @Test
  void refusesACodingThatWouldBeForgotten() throws IOException {
    Answer answer = node.put(bucket + "/blobs/c", CONTENT, "Content-Encoding: gzip");

    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.json().get("detail").asText()).contains("Content-Encoding", "gzip");
    assertThat(node.put(bucket + "/blobs/c", CONTENT, "Content-Encoding: identity").status())
        .isEqualTo(201);
  }

  @Test
  void picksTheSiblingThatStands() throws IOException {
    String path = bucket + "/blobs/s";
    String etag = node.put(path, CONTENT).json().get("etag").asText();

    assertThat(node.get(path + "?sibling=" + etag).text()).isEqualTo(CONTENT);
    assertThat(node.get(path + "?sibling=%22" + etag + "%22").text()).isEqualTo(CONTENT);
    assertThat(node.get(path + "?sibling=0000").code()).isEqualTo("NO_SUCH_BLOB");
    assertThat(node.send("HEAD", path + "?sibling=0000", null).status()).isEqualTo(404);
    assertThat(node.get(path + "?siblings=" + etag).status()).isEqualTo(400);
  }

  @Test
  void keepsToTheQuota() throws IOException {
    node.put("/api/v1/buckets/quota-it", "{\"quotaBytes\":10}");

    assertThat(node.put("/api/v1/buckets/quota-it/blobs/a", "0123456789").status()).isEqualTo(201);
    Answer refused = node.put("/api/v1/buckets/quota-it/blobs/b", "x");
    assertThat(refused.status()).isEqualTo(507);
    assertThat(refused.code()).isEqualTo("QUOTA_EXCEEDED");
  }

  private static TreeMap<String, List<String>> withoutDate(Answer answer) {
    TreeMap<String, List<String>> headers = new TreeMap<>(answer.headers());
    headers.remove("date");
    return headers;
  }

  private static String header(String name, String algorithm, String content) {
    return name + "=:" + Base64.getEncoder().encodeToString(digest(algorithm, content)) + ":";
  }

  private static byte[] digest(String algorithm, String content) {
    try {
      return MessageDigest.getInstance(algorithm).digest(content.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
