// Where the stores of each cluster are, on a simplified outline; one line where nobody knows.
import { outline, storeDetails } from "../data/blocks";
import { clusterColour } from "../data/colours";
import type { Category, Placements } from "../data/types";
import { main } from "../model";

const WIDTH = 900;
const MOST_HEIGHT = 460;

interface Box {
  west: number;
  east: number;
  south: number;
  north: number;
}

/** The box around the stores, with a margin. */
export function boxAround(latitude: number[], longitude: number[]): Box {
  const [south, north] = [Math.min(...latitude), Math.max(...latitude)];
  const [west, east] = [Math.min(...longitude), Math.max(...longitude)];
  const margin = Math.max(0.05, 0.06 * Math.max(north - south, east - west));
  return {
    west: west - margin,
    east: east + margin,
    south: south - margin,
    north: north + margin,
  };
}

/** Degrees to pixels, true to shape in the middle of the box. */
export function projection(box: Box) {
  const squeeze = Math.cos((((box.north + box.south) / 2) * Math.PI) / 180);
  const scale = Math.min(
    WIDTH / ((box.east - box.west) * squeeze),
    MOST_HEIGHT / (box.north - box.south),
  );
  return {
    width: (box.east - box.west) * squeeze * scale,
    height: (box.north - box.south) * scale,
    x: (longitude: number) => (longitude - box.west) * squeeze * scale,
    y: (latitude: number) => (box.north - latitude) * scale,
  };
}

export function StoreMap({ category, rows }: { category: Category; rows: Placements }) {
  const { latitude, longitude } = storeDetails();
  const known =
    latitude && longitude
      ? rows.store.map((_, row) => row).filter((row) => latitude[rows.store[row]] != null)
      : [];
  if (!latitude || !longitude || !known.length)
    return (
      <p class="small soft">
        No map: the attribute files hold no coordinates (columns LATITUDE and LONGITUDE).
      </p>
    );
  const at = known.map((row) => rows.store[row]);
  const box = boxAround(
    at.map((store) => latitude[store]!),
    at.map((store) => longitude[store]!),
  );
  const { width, height, x, y } = projection(box);
  const path = (line: number[]) => {
    const steps = [];
    for (let step = 0; step < line.length; step += 2)
      steps.push(`${x(line[step]).toFixed(1)} ${y(line[step + 1]).toFixed(1)}`);
    return `M${steps.join("L")}`;
  };
  return (
    <section aria-labelledby="where">
      <h2 id="where">Where they are</h2>
      <svg
        class="map"
        viewBox={`0 0 ${width.toFixed(0)} ${height.toFixed(0)}`}
        style={{ maxWidth: `${width.toFixed(0)}px` }}
        role="img"
        aria-label={`Map of ${known.length} stores, coloured by cluster`}
      >
        <path class="land" d={outline().map(path).join("")} />
        {known.map((row) => {
          const [store, cluster] = [rows.store[row], category.clusters[rows.final[row]]];
          return (
            <circle
              key={store}
              cx={x(longitude[store]!).toFixed(1)}
              cy={y(latitude[store]!).toFixed(1)}
              r={known.length > 600 ? 3 : 5}
              style={{ fill: clusterColour(cluster) }}
            >
              <title>{`Store ${main.stores.number[store]}: ${cluster.code} ${cluster.name}`}</title>
            </circle>
          );
        })}
      </svg>
      <p class="legend">
        {category.clusters.map((cluster) => (
          <span key={cluster.code}>
            <span class="chip small-chip" style={{ background: clusterColour(cluster) }}>
              {cluster.code}
            </span>{" "}
            {cluster.name}
          </span>
        ))}
      </p>
    </section>
  );
}
