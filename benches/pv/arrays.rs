//! Arrays of the kinds that meshes and measurements are made of, from a seed: the same bytes everywhere.

/// An array on its way into a file.
pub(crate) struct Generated {
    pub(crate) name: String,
    /// numpy's descriptor.
    pub(crate) dtype: &'static str,
    /// Axes behind the first: none, or the three of a point.
    pub(crate) row: &'static [usize],
    pub(crate) bytes: Vec<u8>,
}

impl Generated {
    fn new<T: bytemuck::NoUninit>(
        name: &str,
        dtype: &'static str,
        row: &'static [usize],
        numbers: &[T],
    ) -> Self {
        Self {
            name: name.to_owned(),
            dtype,
            row,
            bytes: bytemuck::cast_slice(numbers).to_vec(),
        }
    }

    /// An array of one axis.
    pub(crate) fn of_numbers(name: &str, numbers: &[f64]) -> Self {
        Self::new(name, "<f8", &[], numbers)
    }

    /// The lengths of the axes, with commas between them.
    pub(crate) fn shape(&self) -> String {
        let item_bytes: usize = self.dtype[2..].parse().expect("a descriptor with a size");
        let row_numbers: usize = self.row.iter().product();
        let n_rows = self.bytes.len() / item_bytes / row_numbers;
        let axes = [n_rows].into_iter().chain(self.row.iter().copied());
        axes.map(|axis| axis.to_string())
            .collect::<Vec<_>>()
            .join(",")
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// In `0.0..1.0`.
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Of mean 0 and deviation 1, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// One array of each kind, of about `len_bytes` bytes.
pub(crate) fn kinds(len_bytes: usize) -> Vec<Generated> {
    let random = &mut Random(1);
    let (n_short, n_long) = (len_bytes / 4, len_bytes / 8);
    let smooth: Vec<f32> = (0..n_short)
        .map(|i| {
            let x = i as f64 * 1e-3;
            (x.sin() + 0.3 * (x * 0.37).cos()) as f32
        })
        .collect();
    let noisy: Vec<f64> = (0..n_long)
        .map(|i| (i as f64 * 1e-4).sin() + random.normal() * 1e-3)
        .collect();
    let gamma: Vec<f64> = (0..n_long)
        .map(|_| -(1.0 - random.unit()).ln() - (1.0 - random.unit()).ln())
        .collect();
    let ramp: Vec<i64> = (0..n_long as i64).map(|i| 1_000_000 + 3 * i).collect();
    let uniform: Vec<f64> = (0..n_long).map(|_| random.unit()).collect();
    let decimals: Vec<f64> = (0..n_long)
        .map(|_| (random.normal() * 1e4).round() / 100.0)
        .collect();
    vec![
        Generated::new("smooth", "<f4", &[], &smooth),
        Generated::new("noisy", "<f8", &[], &noisy),
        Generated::new("vertices", "<f4", &[3], &points(n_short / 3, random)),
        Generated::new("triangles", "<i4", &[], &triangles(n_short / 3)),
        Generated::new("hexahedra", "<i4", &[], &hexahedra(n_short / 8)),
        Generated::new("gamma", "<f8", &[], &gamma),
        Generated::new("ramp", "<i8", &[], &ramp),
        Generated::new("uniform", "<f8", &[], &uniform),
        Generated::new("decimals", "<f8", &[], &decimals),
    ]
}

/// Numbers that do not compress much: for files that are to be large.
pub(crate) fn normal(n: usize, seed: u64) -> Vec<f64> {
    let random = &mut Random(seed);
    (0..n).map(|_| random.normal()).collect()
}

/// Points of a terrain, row by row.
fn points(n: usize, random: &mut Random) -> Vec<f32> {
    let side = (n as f64).sqrt() as usize;
    let mut points = Vec::with_capacity(3 * n);
    for i in 0..n {
        let (x, y) = ((i % side) as f64 * 0.1, (i / side) as f64 * 0.1);
        let height = 5.0 * (x * 0.05).sin() * (y * 0.04).cos() + random.normal() * 0.01;
        points.extend([x as f32, y as f32, height as f32]);
    }
    points
}

/// Two triangles for each square of a grid.
fn triangles(n: usize) -> Vec<i32> {
    let side = ((n / 2) as f64).sqrt() as i32;
    let squares = (0..side).flat_map(|y| (0..side).map(move |x| y * (side + 1) + x));
    squares
        .flat_map(|a| [a, a + 1, a + side + 1, a + 1, a + side + 2, a + side + 1])
        .collect()
}

/// The eight corners of each cell of a block.
fn hexahedra(n: usize) -> Vec<i32> {
    let side = (n as f64).cbrt() as i32;
    let (row, layer) = (side + 1, (side + 1) * (side + 1));
    let mut corners = Vec::with_capacity(8 * n);
    for z in 0..side {
        for y in 0..side {
            for x in 0..side {
                let a = z * layer + y * row + x;
                let face = [a, a + 1, a + row + 1, a + row];
                corners.extend(face);
                corners.extend(face.map(|corner| corner + layer));
            }
        }
    }
    corners
}
